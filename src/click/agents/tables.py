# SPDX-License-Identifier: MIT
"""The arrays of agent_table.h. Nearly all transitions lead to states of depth 2 or less, which depend on the
last two bytes alone: those are in a table of pairs. The other entries of the rows are overlaid (Tarjan and
Yao 1979).
"""

from agents.automaton import BOT, CLASSES_MAX
from agents.expressions import BEGIN, END, Untranslatable

OUTPUT = 0     # the class under which a row has the number of its state's output
FLAG = 0x8000  # of a transition: the state has an output
FREE = 0xFFFF  # an entry that belongs to no state


class Tables:
    """The automaton in the arrays of agent_table.h."""

    def __init__(self, automaton):
        self.automaton = automaton
        rows, n = automaton.rows, automaton.n_classes
        self.outputs = [None] + sorted({automaton.out[s] for s in rows if automaton.out[s]}, key=repr)
        number = {o: i for i, o in enumerate(self.outputs)}
        shallow = [[rows[rows[0][p]][c] if rows[0][p] != BOT else 0 for c in range(n)] for p in range(n)]
        sparse = {}
        for s, row in rows.items():
            usual = shallow[automaton.last[s]]
            sparse[s] = {c: t for c, t in enumerate(row) if t != usual[c] and c != OUTPUT}
            if automaton.out[s]:
                sparse[s][OUTPUT] = ("output", number[automaton.out[s]])
        self.fold(sparse)
        self.lay(sparse)
        self.pairs = [[self.target(t) for t in row] + [0] * (CLASSES_MAX - n) for row in shallow]
        self.pairs += [[0] * CLASSES_MAX for _ in range(CLASSES_MAX - n)]
        self.start = self.target(rows[0][automaton.class_of[BEGIN]])
        if self.start & FLAG:
            raise Untranslatable("a pattern fits every agent")

    def fold(self, sparse):
        """Merges states with the same row."""
        self.same = {s: s for s in sparse}
        self.states = list(sparse)
        while True:
            first = {}
            for s in self.states:
                key = tuple(sorted((c, str(self.name(t))) for c, t in sparse[s].items()))
                self.same[s] = first.setdefault(key, s)
            if len(first) == len(self.states):
                return
            self.states = list(first.values())

    def name(self, target):
        if isinstance(target, tuple) or target == BOT:
            return target
        while self.same[target] != target:
            target = self.same[target]
        return target

    def lay(self, sparse):
        """Overlays the rows by first fit, the fullest rows first. A state is identified by the index of its
        row, so no two rows begin at the same index."""
        taken = begun = 0
        self.base = {}
        for s in sorted(self.states, key=lambda s: (-len(sparse[s]), s)):
            bad = begun
            for c in sparse[s]:
                bad |= taken >> c
            base = ((bad + 1) & ~bad).bit_length() - 1
            begun |= 1 << base
            for c in sparse[s]:
                taken |= 1 << (base + c)
            self.base[s] = base
        if max(self.base.values()) >= FLAG - 1:
            raise Untranslatable("too many states")
        self.entries = [(FREE, 0)] * (max(self.base.values()) + self.automaton.n_classes)
        for s, base in self.base.items():
            for c, t in sparse[s].items():
                self.entries[base + c] = (base, t[1] if isinstance(t, tuple) else self.target(t))

    def target(self, state):
        if state == BOT:
            return BOT
        return self.base[self.name(state)] | (FLAG if self.automaton.out[state] else 0)

    def run(self, agent):
        """Returns (bot, tokens) for the bytes `agent`, by the same loop as agent.c."""
        class_of = self.automaton.class_of
        state, last, tokens, begun = self.start, class_of[BEGIN], set(), set()
        for symbol in list(agent) + [END]:
            c = class_of[symbol]
            check, following = self.entries[state + c]
            if check != state:
                following = self.pairs[last][c]
            last, state = c, following & ~FLAG
            if following == BOT:
                return True, set()
            if following & FLAG:
                found, begins, ends = self.outputs[self.entries[state + OUTPUT][1]]
                if begun & ends:
                    return True, set()
                tokens |= found
                begun |= begins
        return not tokens, tokens
