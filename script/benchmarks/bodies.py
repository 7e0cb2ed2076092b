# SPDX-License-Identifier: MIT
"""Generates, from a seed, bodies that need much memory or time: large, truncated, repeated or invalid JSON."""

import dataclasses
import random

KIB, MIB = 1 << 10, 1 << 20
URL = '{"long_url": "https://example.com/%s"}'


@dataclasses.dataclass(frozen=True)
class Call:
    """A call that bodies are sent to; `limit` is its largest body. `before` and `after` surround the repeated part,
    so that the reader of that call parses it."""
    name: str
    method: str
    path: str               # below the mount; {code} is a link's
    limit: int
    type: str = "application/json"
    before: str = '{"links": ['
    after: str = "]}"


CALLS = (
    Call("create", "POST", "api/v1/urls", 64 * KIB, before='{"long_url": "https://example.com/", "tags": ['),
    Call("bulk", "POST", "api/v1/urls/bulk", 8 * MIB),
    Call("change", "PATCH", "api/v1/urls/{code}", 64 * KIB, "application/merge-patch+json", '{"tags": ['),
    Call("key", "POST", "api/v1/keys", 64 * KIB, before='{"scope": ['),
    Call("form", "POST", "api/v1/urls", 64 * KIB, "application/x-www-form-urlencoded", "long_url=", ""),
    Call("bulk form", "POST", "api/v1/urls/bulk", 8 * MIB, "multipart/form-data; boundary=b", "--b\r\n\r\n", "\r\n--b--"),
    Call("no body wanted", "GET", "healthz", 8 * MIB),
)


def much(unit, separator=","):
    """As many repetitions of `unit` as fit."""
    def make(_, call, size):
        text = (unit + separator) * max(1, (size - len(call.before) - len(call.after)) // len(unit + separator))
        return call.before + text.removesuffix(separator) + call.after
    return make


def items(unit, n):
    """As many repetitions as fit, at most n: the limit of items."""
    def make(_, call, size):
        room = size - len(call.before) - len(call.after)
        return call.before + ",".join([unit] * min(n, room // (len(unit) + 1))) + call.after
    return make


def whole(unit, start="", end=""):
    """A body of this alone."""
    def make(_, call, size):
        return start + unit * ((size - len(start) - len(end)) // len(unit)) + end
    return make


def members(name):
    """An object with many members of that name, which may contain a number."""
    def make(_, call, size):
        n = max(1, (size - 2) // (len(name % 0) + 10))
        return "{" + ",".join(f'"{name % i}":0' for i in range(n)) + "}"
    return make


def long_names(_, call, size):
    one = "{" + ",".join(f'"{i:02}{"m" * 190}":0' for i in range(64)) + "}"
    return items(one, 615)(_, call, size)


def one_string(piece):
    """A URL as long as the body."""
    def make(_, call, size):
        start = call.before.replace("]", "") if call.name == "create" else call.before
        text = URL % (piece * ((size - len(start) - len(call.after) - len(URL)) // len(piece)))
        return text if call.name in ("create", "change") else start + text + call.after
    return make


def random_tokens(rng, call, size):
    """Tokens of JSON in random order."""
    tokens = ["{", "}", "[", "]", ",", ":", '"a"', '""', "0", "-1e9", "true", "null", " ", '"\\u0000"', '{"a":', "[[", "{}"]
    text = "".join(rng.choices(tokens, k=2000))
    return (call.before + text * (size // len(text) + 1))[:size]


def random_bytes(rng, call, size):
    return call.before.encode() + (rng.randbytes(64 * KIB) * (size // (64 * KIB) + 1))[:size - len(call.before)]


def random_tree(rng, call, size):
    """Valid JSON of random structure, at most nine levels deep."""
    def value(depth):
        kind = rng.randrange(7 if depth < 9 else 4)
        if kind < 4:
            return rng.choice(["0", "true", '"' + "s" * rng.randrange(60) + '"', "-1.5e-7"])
        n = rng.randrange(6)
        if kind == 4:
            return "[" + ",".join(value(depth + 1) for _ in range(n)) + "]"
        return "{" + ",".join(f'"m{i}":{value(depth + 1)}' for i in range(n)) + "}"
    pieces, left = [], min(size, 256 * KIB) - len(call.before) - len(call.after)
    while (piece := value(2)) and len(piece) < left:
        pieces.append(piece)
        left -= len(piece) + 1
    return call.before + ",".join(pieces * max(1, size // (256 * KIB))) + call.after


FAMILIES = {
    "empty objects": much("{}"),
    "zeros": much("0"),
    "zeros alone": whole("0,"),
    "empty lists": much("[]"),
    "empty strings": much('""'),
    "objects of one member": much('{"a":0}'),
    "links without a URL": items("{}", 1000),
    "lists of empty objects": items("[" + ",".join(["{}"] * 999) + "]", 40),
    "lists of zeros": items("[" + ",".join(["0"] * 999) + "]", 40),
    "deep lists": whole("["),
    "deep objects": whole('{"a":'),
    "seven deep": items("[[[[[" + "{}," * 199 + "{}]]]]]", 200),
    "members": members("m%d"),
    "the same member": members("long_url%.0s"),
    "the same member, escaped": members("\\u006cong_url%.0s"),
    "long names": long_names,
    "one string": one_string("x"),
    "one escaped string": one_string("\\u00e4"),
    "half characters": one_string("\\ud800"),
    "NULs": one_string("\\u0000"),
    "tags": items('{"tags": [' + ",".join(['"' + "t" * 190 + '"'] * 38) + "]}", 1000),
    "long links": items(URL % ("y" * 7900), 1000),
    "links": items(URL % "z", 1000),
    "one number": whole("9", '{"long_url": ', "}"),
    "white space": whole(" ", '{"long_url"', ": 0}"),
    "a form": whole("a=b&"),
    "random tokens": random_tokens,
    "random trees": random_tree,
    "random bytes": random_bytes,
}


def bodies(call, n, seed):
    """Yields n pairs (family, body): the families in turn, half of the bodies at the limit, some truncated, some
    with bytes that are not UTF-8."""
    rng = random.Random(f"{seed} {call.name}")
    names = list(FAMILIES)
    for number in range(n):
        name = names[number % len(names)]
        size = call.limit if number % 2 == 0 or number < len(names) else rng.randrange(200, call.limit)
        body = FAMILIES[name](rng, call, size)
        body = body if isinstance(body, bytes) else body.encode()
        spoilt = rng.randrange(8) if number >= len(names) else 7
        if spoilt == 0:
            body = body[:rng.randrange(1, len(body))]
        elif spoilt == 1:
            at = rng.randrange(len(body))
            body = body[:at] + rng.choice([b"\xff", b"\x00", b"\xed\xa0\x80"]) + body[at + 3:]
        assert len(body) <= call.limit, f"{name}: {len(body)}"
        yield name, body
