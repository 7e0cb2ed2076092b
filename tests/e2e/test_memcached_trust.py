# SPDX-License-Identifier: MIT
"""Other users can write to memcached. Their entries redirect no visitor: each is a miss, and is replaced from the
database. docs/hardening.md has the table."""

import socket
import struct

import pytest

DESTINATION = "https://example.com/ours"
SEAL = 8
HEAD = struct.Struct("<BBHHIQqqQI")


def record(url, *, version=99, status=302, link_id=1):
    """A record as Curt stores it, but for its seal."""
    return HEAD.pack(1, 1, status, 0, version, link_id, 0, 0, 0, len(url)) + url


class Neighbour:
    """A client of memcached that knows how Curt names its entries."""

    def __init__(self, path):
        self.peer = socket.socket(socket.AF_UNIX)
        self.peer.settimeout(10)
        self.peer.connect(str(path))
        self.lines = self.peer.makefile("rb")

    def close(self):
        self.lines.close()
        self.peer.close()

    def plant(self, code, value):
        self.peer.sendall(f"set curtr1:{code} 0 0 {len(value)}\r\n".encode() + value + b"\r\n")
        assert self.lines.readline() == b"STORED\r\n"

    def read(self, code):
        self.peer.sendall(f"get curtr1:{code}\r\n".encode())
        first = self.lines.readline()
        if first == b"END\r\n":
            return None
        value = self.lines.read(int(first.split()[3]))
        assert self.lines.readline() + self.lines.readline() == b"\r\nEND\r\n"
        return value


@pytest.fixture
def neighbour(stack):
    person = Neighbour(stack.memcached.socket)
    yield person
    person.close()


FORGED = {
    "another host": record(b"https://elsewhere.example/"),
    "a script": record(b"javascript:alert(1)"),
    "a header of its own": record(b"https://elsewhere.example/\r\nX-Own: 1"),
    "a NUL": record(b"https://elsewhere.example/\0"),
    "with eight bytes for a seal": record(b"https://elsewhere.example/") + bytes(SEAL),
    "no such link": HEAD.pack(1, 2, 0, 0, 0, 0, 0, 0, 0, 0),
    "deleted": HEAD.pack(1, 3, 0, 0, 99, 1, 0, 0, 0, 0),
    "cut short": record(b"https://elsewhere.example/")[:40],
    "nothing": b"",
    "large": record(b"https://elsewhere.example/" + b"a" * 900_000),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_others_have_written_is_a_miss(client, other_client, neighbour, what):
    code = client.create(DESTINATION)["code"]
    neighbour.plant(code, FORGED[what])
    answer = other_client.get(code)
    assert (answer.status, answer.location) == (302, DESTINATION)
    assert all(name.lower() != "x-own" for name, _ in answer.headers)
    stored = neighbour.read(code)
    assert stored[HEAD.size:-SEAL] == DESTINATION.encode()


def test_a_record_is_of_one_code(client, other_client, neighbour):
    ours, theirs = client.create(DESTINATION), client.create("https://elsewhere.example/")
    neighbour.plant(ours["code"], neighbour.read(theirs["code"]))
    assert other_client.get(ours["code"]).location == DESTINATION
    assert other_client.get(theirs["code"]).location == "https://elsewhere.example/"


def test_what_is_ours_is_served(client, other_client, neighbour):
    """That all else is refused would be easy: a record with its seal is a hit."""
    link = client.create(DESTINATION)
    stored = neighbour.read(link["code"])
    assert len(stored) == HEAD.size + len(DESTINATION) + SEAL

    def hits():
        neighbour.peer.sendall(b"stats\r\n")
        found = 0
        while (line := neighbour.lines.readline()) != b"END\r\n":
            if line.startswith(b"STAT get_hits "):
                found = int(line.split()[2])
        return found

    before = hits()
    assert other_client.get(link["code"]).location == DESTINATION
    assert hits() > before
    assert neighbour.read(link["code"]) == stored
