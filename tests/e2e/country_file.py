# SPDX-License-Identifier: MIT
"""A small file of countries in MaxMind's format, version 2.0: networks of IPv4 with a country each."""

import ipaddress
import struct

MARK = b"\xab\xcd\xefMaxMind.com"


def uint16(number):
    return bytes([5 << 5 | 2]) + struct.pack(">H", number)


def uint32(number):
    return bytes([6 << 5 | 4]) + struct.pack(">I", number)


def uint64(number):
    return bytes([8, 2]) + struct.pack(">Q", number)


def encode(value):
    """A value of the data section: a map, a text, a list, or what is encoded already."""
    if isinstance(value, dict):
        return bytes([7 << 5 | len(value)]) + b"".join(encode(key) + encode(one) for key, one in value.items())
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(encode, value))
    if isinstance(value, str):
        return bytes([2 << 5 | len(value.encode())]) + value.encode()
    return value


def write(path, countries):
    """`countries`: networks -> codes of two letters."""
    nodes, data = [[None, None]], b""
    for network, code in countries.items():
        network = ipaddress.ip_network(network)
        bits = f"{int(network.network_address):032b}"[:network.prefixlen]
        at = 0
        for bit in map(int, bits[:-1]):
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][int(bits[-1])] = ("data", len(data))
        data += encode({"country": {"iso_code": code}})

    def record(one):
        number = len(nodes) if one is None else one if isinstance(one, int) else len(nodes) + 16 + one[1]
        return number.to_bytes(3, "big")
    tree = b"".join(record(one) for node in nodes for one in node)
    about = {"node_count": uint32(len(nodes)), "record_size": uint16(24), "ip_version": uint16(4), "database_type": "Country",
             "languages": ["en"], "binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0),
             "build_epoch": uint64(1), "description": {"en": "test"}}
    path.write_bytes(tree + bytes(16) + data + MARK + encode(about))
