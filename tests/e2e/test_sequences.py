# SPDX-License-Identifier: MIT
"""curtctl sequence: the ids of links, divided among regions."""

import pytest

from test_curtctl import FAILED, MISSING, USAGE, Curtctl

SEVEN = 62**7       # ids below it have codes of seven characters


@pytest.fixture(scope="module")
def regions(new_stack):
    """(stack, curtctl): a database whose sequences change, and no host that takes ids from them."""
    with new_stack() as stack:
        host = stack.host(workers=1, settings={"links.id_reserve": "0"})
        host.stop()
        yield stack, Curtctl(stack.installation.curtctl, host.config)


@pytest.fixture
def ctl(regions):
    stack, ctl = regions
    stack.sql("DELETE FROM sequence")
    stack.sql("INSERT INTO sequence VALUES ('default', 1001, %s, 1000)", SEVEN + 62**8)
    return ctl


def rows(ctl):
    return {row["name"]: (row["next_id"], row["limit_id"]) for row in ctl.json("sequence", "list")}


def test_a_list(ctl):
    assert ctl.json("sequence", "list") == [
        {"name": "default", "next_id": 1001, "limit_id": SEVEN + 62**8, "left": SEVEN + 62**8 - 1001, "block_size": 1000}]
    ctl("sequence", "split", "default", "asia", "--at", "2000000")
    lines = [line.split("\t") for line in ctl("sequence", "list").splitlines()]
    assert lines == [["NAME", "NEXT", "LIMIT", "LEFT", "BLOCK", "USED"],
                     ["asia", "2000000", str(SEVEN + 62**8), str(SEVEN + 62**8 - 2000000), "1000", ""],
                     ["default", "1001", "2000000", str(2000000 - 1001), "1000", "yes"]]


def test_both_parts_of_a_split_have_short_codes(ctl):
    end = SEVEN + 62**8
    ctl("sequence", "split", "default", "europe")
    middle = 1001 + (SEVEN - 1001 + 1) // 2
    assert rows(ctl) == {"default": (1001, middle), "europe": (middle, end)}
    ctl("sequence", "split", "europe", "asia", CURT_LINKS_SEQUENCE="europe")
    second = middle + (SEVEN - middle + 1) // 2
    assert rows(ctl) == {"default": (1001, middle), "europe": (middle, second), "asia": (second, end)}


@pytest.mark.parametrize("arguments,status,complaint", [
    (["split", "default", "default"], FAILED, "exists"),
    (["split", "default", "europe", "--at", "1000"], FAILED, "1000 is not one of them"),
    (["split", "default", "europe", "--at", str(SEVEN + 62**8)], FAILED, "is not one of them"),
    (["split", "default", "europe", "--at", "many"], USAGE, "many"),
    (["split", "default", "x" * 65], USAGE, "1 to 64 bytes"),
    (["split", "default", ""], USAGE, "1 to 64 bytes"),
    (["split", "nowhere", "europe"], USAGE, "run this where links.sequence is"),
    (["give", "default", "europe"], USAGE, "--at"),
    (["give", "default", "europe", "--at", "5000"], MISSING, "there is no sequence"),
])
def test_refused(ctl, arguments, status, complaint):
    before = rows(ctl)
    ctl("sequence", *arguments, status=status)
    assert complaint in ctl.complaints
    assert rows(ctl) == before


def test_a_sequence_that_is_not_there(ctl):
    ctl("sequence", "split", "atlantis", "europe", status=FAILED, CURT_LINKS_SEQUENCE="atlantis")
    assert 'there is no sequence "atlantis"' in ctl.complaints
    ctl("sequence", "skip", status=FAILED, CURT_LINKS_SEQUENCE="atlantis")


def test_ids_are_given_to_a_region_that_has_used_its_own_up(ctl, regions):
    stack, _ = regions
    stack.sql("INSERT INTO sequence VALUES ('europe', 900, 900, 500)")
    ctl("sequence", "give", "default", "europe", "--at", "5000")
    assert rows(ctl) == {"default": (1001, 5000), "europe": (5000, SEVEN + 62**8)}


def test_what_a_region_has_left_is_not_lost_by_accident(ctl, regions):
    stack, _ = regions
    stack.sql("INSERT INTO sequence VALUES ('europe', 400, 900, 500)")
    ctl("sequence", "give", "default", "europe", "--at", "5000", status=FAILED)
    assert "500 ids left, which it would lose" in ctl.complaints
    ctl("sequence", "give", "default", "europe", "--at", "5000", "--drop-rest")
    assert rows(ctl)["europe"] == (5000, SEVEN + 62**8)


def test_ids_that_follow_are_added(ctl, regions):
    stack, _ = regions
    stack.sql("UPDATE sequence SET next_id = 1001, limit_id = 9000")
    stack.sql("INSERT INTO sequence VALUES ('europe', 2000, 5000, 500)")
    ctl("sequence", "give", "default", "europe", "--at", "5000")
    assert rows(ctl) == {"default": (1001, 5000), "europe": (2000, 9000)}


def test_a_sequence_never_goes_back(ctl, regions):
    stack, _ = regions
    stack.sql("INSERT INTO sequence VALUES ('europe', 9000, 9000, 500)")
    ctl("sequence", "give", "default", "europe", "--at", "5000", status=FAILED)
    assert "never goes back" in ctl.complaints
    assert rows(ctl)["europe"] == (9000, 9000)


def test_two_regions_share_no_id(new_stack):
    """Two hosts with a sequence each, while one of them is split."""
    with new_stack() as stack:
        first = stack.host(workers=1)
        one = stack.client(first)
        codes = {one.create("https://example.com/before")["code"]}
        ctl = Curtctl(stack.installation.curtctl, first.config)
        ctl("sequence", "split", "default", "europe")
        second = stack.host(workers=1, settings={"links.sequence": "europe"})
        two = stack.client(second)
        for number in range(20):
            codes |= {client.create(f"https://example.com/{number}")["code"] for client in (one, two)}
        assert len(codes) == 41 and {len(code) for code in codes} == {7}
        ids = {client: [ctl.json("code", client.create("https://example.com/last")["code"])[0]["id"] for _ in range(2)]
               for client in (one, two)}
        [limit] = [row["limit_id"] for row in ctl.json("sequence", "list") if row["name"] == "default"]
        assert max(ids[one]) < limit <= min(ids[two])
