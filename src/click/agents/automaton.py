# SPDX-License-Identifier: MIT
"""The automaton of Aho and Corasick (1975) as a deterministic automaton, without failure transitions."""

from collections import deque

from agents.expressions import BEGIN, END, Untranslatable

CLASSES_MAX = 96  # AGENT_CLASSES of agent_table.h
BOT = 0xFFFF      # a transition: it is a bot, whatever follows


def classes_of(parts):
    """Bytes that no pattern distinguishes are in the same class. Returns the class of each symbol, and the
    number of classes; class 0 has no symbol."""
    group = {s: 0 for s in range(258)}
    group[BEGIN], group[END] = 1, 2
    for symbols in {s for part in parts for s in part}:
        split = {}
        for s in range(258):
            split.setdefault((group[s], s in symbols), len(split))
        group = {s: split[group[s], s in symbols] for s in range(258)}
    return [group[s] + 1 for s in range(258)], len(set(group.values())) + 1


class Automaton:
    """The deterministic automaton: `rows[state][class]` is a state, or BOT."""

    def __init__(self, patterns):
        self.class_of, self.n_classes = classes_of(part for part, _ in patterns.all_parts())
        if self.n_classes > CLASSES_MAX:
            raise Untranslatable(f"{self.n_classes} classes of bytes, at most {CLASSES_MAX} fit")
        self.children = [{}]
        self.out = [None]  # per state: (tokens, begins, ends)
        for part, _ in patterns.bots:
            self.add(part, BOT)
        for n, ((first, second), _) in enumerate(patterns.pairs):
            self.add(first, (frozenset(), frozenset({n}), frozenset()))
            self.add(second, (frozenset(), frozenset(), frozenset({n})))
        for token, part, _ in patterns.tokens:
            self.add(part, (frozenset({token}), frozenset(), frozenset()))
        self.close()

    def add(self, part, out):
        states = [0]
        for symbols in part:
            classes = sorted({self.class_of[s] for s in symbols})
            states = [self.child(s, c) for s in states for c in classes]
        for s in states:
            self.out[s] = merge(self.out[s], out)

    def child(self, state, c):
        if c not in self.children[state]:
            self.children[state][c] = len(self.children)
            self.children.append({})
            self.out.append(None)
        return self.children[state][c]

    def close(self):
        """Builds the rows, breadth first: a state's row is a copy of that of its failure state, which is
        complete by then, overwritten by its own children. States after a bot are not kept."""
        fail = [0] * len(self.children)
        self.last = [0] * len(self.children)  # the class of the byte that leads here
        if len(fail) >= BOT:
            raise Untranslatable("too many states")
        self.rows = {}
        queue = deque([0])
        while queue:
            state = queue.popleft()
            inherited = self.rows[fail[state]] if state else [0] * self.n_classes
            row = self.rows[state] = list(inherited)
            for c, t in self.children[state].items():
                fail[t], self.last[t] = inherited[c], c
                self.out[t] = BOT if fail[t] == BOT else merge(self.out[t], self.out[fail[t]])
                row[c] = t
                if self.out[t] == BOT:
                    row[c] = BOT
                else:
                    queue.append(t)


def merge(a, b):
    if a is None or b is None:
        return a or b
    return BOT if BOT in (a, b) else tuple(x | y for x, y in zip(a, b))
