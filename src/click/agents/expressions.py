# SPDX-License-Identifier: MIT
"""The supported subset of regular expressions, which an automaton can match byte by byte: literals, classes
([a-z], [^-], \\d), groups of alternatives, "?", "^" and "$" at the ends, and parts joined by ".*" or
"[\\s\\S]*" (no header has a line break). Anything else is Untranslatable.
"""

BEGIN, END = 256, 257  # symbols before the first byte and after the last
GAP = None
ANY = frozenset(range(256))
DIGITS = frozenset(b"0123456789")
SPACES = frozenset(b" \t\n\r\f\v")
WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
ESCAPED = {"d": DIGITS, "s": SPACES, "w": WORD, "D": ANY - DIGITS, "S": ANY - SPACES, "W": ANY - WORD}
LITERALS_MAX = 2000


class Untranslatable(Exception):
    pass


class Parser:
    """A pattern as a list of alternatives, each a tuple of sets of symbols and GAPs."""

    def __init__(self, pattern):
        self.pattern = pattern
        self.at = 0

    def parse(self):
        found = self.alternatives()
        if self.at < len(self.pattern):
            raise Untranslatable(f"unexpected {self.peek()!r}")
        return found

    def peek(self):
        return self.pattern[self.at : self.at + 1]

    def next(self):
        c = self.peek()
        if not c:
            raise Untranslatable("it ends early")
        self.at += 1
        return c

    def alternatives(self):
        found = self.sequence()
        while self.peek() == "|":
            self.next()
            found += self.sequence()
        return found

    def sequence(self):
        found = [()]
        while self.peek() not in ("", "|", ")"):
            following = self.repeated()
            found = [a + b for a in found for b in following]
            if len(found) > LITERALS_MAX:
                raise Untranslatable("too many alternatives")
        return found

    def repeated(self):
        item = self.item()
        if self.peek() == "?":
            self.next()
            return [()] + item
        if self.peek() == "*":
            self.next()
            if item not in ([(ANY,)], [(ANY - {10},)]):
                raise Untranslatable('"*" after something that is not any byte')
            return [(GAP,)]
        if self.peek() == "+":
            self.next()
            if len(item) == 1 and len(item[0]) == 1:
                return [item[0] + ("+",)]
            raise Untranslatable('"+" after more than one byte')
        if self.peek() == "{":
            raise Untranslatable('"{"')
        return item

    def item(self):
        c = self.next()
        if c == "(":
            if self.pattern.startswith("?:", self.at):
                self.at += 2
            found = self.alternatives()
            if self.next() != ")":
                raise Untranslatable('a "(" without ")"')
            return found
        if c == "[":
            return [(self.byte_class(),)]
        if c == ".":
            return [(ANY - {10},)]
        if c == "^":
            return [(frozenset({BEGIN}),)]
        if c == "$":
            return [(frozenset({END}),)]
        if c in "*+?":
            raise Untranslatable(f"nothing before {c!r}")
        if c == "\\":
            return [(self.escape(),)]
        return [tuple(frozenset({b}) for b in c.encode())]

    def escape(self):
        c = self.next()
        if c in ESCAPED:
            return ESCAPED[c]
        if c.isalnum():
            raise Untranslatable(f"\\{c}")
        return frozenset(c.encode())

    def byte_class(self):
        negated = self.peek() == "^"
        if negated:
            self.next()
        found = frozenset()
        while self.peek() != "]" or not found:
            found |= self.class_member()
        self.next()
        return ANY - found if negated else found

    def class_member(self):
        c = self.next()
        low = self.escape() if c == "\\" else frozenset(c.encode())
        if self.peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
            self.next()
            high = self.next()
            if len(low) != 1 or not high.isascii() or high == "\\":
                raise Untranslatable("a range that is none of bytes")
            return frozenset(range(min(low), ord(high) + 1))
        return low


def translate(pattern):
    """The alternatives of a pattern, each a list of parts: tuples of sets of symbols. A "+" in a part follows
    the set that it repeats."""
    found = []
    for sequence in Parser(pattern).parse():
        while sequence and sequence[-1] in ("+", GAP):
            sequence = sequence[:-1]
        if frozenset({BEGIN}) in sequence[1:] or frozenset({END}) in sequence[:-1]:
            raise Untranslatable('"^" or "$" in the middle')
        parts, part = [], []
        for symbols in sequence + (GAP,):
            if symbols is GAP:
                parts.append(tuple(part))
                part = []
            else:
                part.append(symbols)
        if any(all(s in (frozenset({BEGIN}), frozenset({END})) for s in part) for part in parts):
            raise Untranslatable("it fits everything")
        found.append(parts)
    return found
