# SPDX-License-Identifier: MIT
"""The patterns to search for: the patterns of bots, and the tokens of browsers, systems and devices."""

import itertools
import json
import math

from agents.expressions import Untranslatable, translate

PARTS_MAX = 32    # patterns of two parts: struct agent_output has that many bits
SPELLED_MAX = 64  # maximum of a part's literals that are searched in other patterns


def read_words(path):
    """Reads agent_words.txt: (kind, pattern) of each line, where a kind is "bot", "skip" or a token."""
    lines = path.read_text(encoding="ascii").splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line and not line.startswith("#")]


def read_crawlers(path):
    """The patterns of crawler-user-agents.json."""
    return [entry["pattern"] for entry in json.loads(path.read_text(encoding="utf-8"))]


def read_patterns(words, crawlers=None):
    """(kind, pattern) of the words and of the list, without the patterns of the list that the words skip."""
    lines = read_words(words)
    skipped = {pattern for kind, pattern in lines if kind == "skip"}
    listed = read_crawlers(crawlers) if crawlers else []
    return [line for line in lines if line[0] != "skip"] + [("bot", p) for p in listed if p not in skipped]


class Patterns:
    """All patterns by kind: `bots` of one part, `pairs` of two, and `tokens`. Raises Untranslatable."""

    def __init__(self, sources):
        self.sources = sources
        self.bots, self.pairs, self.tokens = [], [], []
        for kind, pattern in sources:
            try:
                for parts in translate(pattern):
                    self.sort(kind, parts, pattern)
            except Untranslatable as why:
                raise Untranslatable(f"cannot translate the pattern {pattern!r}: {why}") from None
        self.drop_what_others_imply()
        self.check()

    def sort(self, kind, parts, pattern):
        if len(parts) > 2 or (kind != "bot" and len(parts) > 1):
            raise Untranslatable("too many parts")
        if kind != "bot":
            self.tokens.append((kind, parts[0], pattern))
        elif len(parts) == 1:
            self.bots.append((parts[0], pattern))
        else:
            self.pairs.append((parts, pattern))

    def drop_what_others_imply(self):
        """Removes patterns that contain another whole pattern: Googlebot-Image contains Googlebot."""
        plain = {literal for part, _ in self.bots for literal in literals(part)}
        lengths = sorted({len(literal) for literal in plain})

        def implied(parts):
            return any(
                run[n : n + length] in plain
                for part in parts
                for run in spelled(part)
                for length in lengths
                if length < len(part) or len(parts) > 1  # not by itself
                for n in range(len(run) - length + 1)
            )

        self.bots = [bot for bot in self.bots if not implied([bot[0]])]
        self.pairs = [pair for pair in self.pairs if not implied(pair[0])]

    def check(self):
        for part, pattern in self.all_parts():
            if "+" in part:
                raise Untranslatable(f'cannot translate the pattern {pattern!r}: "+" in the middle')
        for parts, pattern in self.pairs:
            if overlap(*parts):
                raise Untranslatable(f"cannot translate the pattern {pattern!r}: its parts overlap")
        if len(self.pairs) > PARTS_MAX:
            raise Untranslatable(f"more than {PARTS_MAX} patterns of two parts")

    def all_parts(self):
        yield from self.bots
        yield from ((part, pattern) for parts, pattern in self.pairs for part in parts)
        yield from ((part, pattern) for _, part, pattern in self.tokens)


def literals(part):
    """All byte strings that a part matches; none if they are more than SPELLED_MAX."""
    if "+" in part or math.prod(len(symbols) for symbols in part) > SPELLED_MAX:
        return []
    return list(itertools.product(*(sorted(symbols) for symbols in part)))


def spelled(part):
    """The literals in a part: its runs of single symbols."""
    runs, run = [], []
    for symbols in part:
        if symbols != "+" and len(symbols) == 1:
            run.append(min(symbols))
        else:
            runs.append(tuple(run))
            # "ab+" repeats its last byte, so the bytes before and after are not adjacent
            run = []
    return [r for r in [*runs, tuple(run)] if r]


def overlap(first, second):
    """Whether some end of the first part can match a beginning of the second."""
    return any(
        all(a & b for a, b in zip(first[-n:], second)) for n in range(1, min(len(first), len(second)) + 1)
    )
