# SPDX-License-Identifier: MIT
"""Links to request, written directly into the database. Their codes are computed from their numbers, and are as
scattered in the index as generated ones."""

FACTOR = 387420489      # odd, so that it permutes the numbers below 2^36; tests/bench/load.lua has it too
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
URL_BYTES = 100
UNKNOWN = "-unknown"
CHUNK = 20_000          # links in one transaction


def code(number):
    left = number * FACTOR % (1 << 36)
    out = ""
    for _ in range(7):
        left, digit = divmod(left, 36)
        out = DIGITS[digit] + out
    return out


SQL_CODE = f"LPAD(LOWER(CONV((seq * {FACTOR}) & {(1 << 36) - 1}, 10, 36)), 7, '0')"


def chunk(first, last):
    """Rows as creates insert them, in the order of their ids, so that the code index fills as in production."""
    return f"""
START TRANSACTION;
INSERT INTO code (domain_id, code, link_id)
    SELECT 1, {SQL_CODE}, seq FROM seq_{first}_to_{last};
INSERT INTO link (id, owner_id, redirect_status, flags, created_at, code_kind, code, long_url)
    SELECT seq, 1, 302, 0, UNIX_TIMESTAMP(), 0, {SQL_CODE},
        CONCAT('https://example.com/', LPAD(seq, {URL_BYTES - 20}, 'a')) FROM seq_{first}_to_{last};
INSERT INTO owner_total (owner_id, shard, links) VALUES (1, 0, {last - first + 1})
    ON DUPLICATE KEY UPDATE links = links + VALUES(links);
COMMIT;
"""


def seed(database, name, first, last):
    """Creates the links `first` to `last` in the database `name`. None of them may exist, and no worker may have
    reserved ids."""
    database.sql(f"UPDATE sequence SET next_id = GREATEST(next_id, {last + 1});" + "".join(
        chunk(at, min(at + CHUNK - 1, last)) for at in range(first, last + 1, CHUNK)), database=name)


def bytes_in_tables(database, name):
    """The size of the tables with their indexes."""
    tables = ("code", "link", "link_expiry", "alias", "tag", "owner_total", "click_limit", "click_total")
    database.sql(f"ANALYZE TABLE {', '.join(tables)}", database=name)
    return int(database.sql(
        "SELECT SUM(data_length + index_length) FROM information_schema.tables"
        f" WHERE table_schema = '{name}' AND table_name IN {tables}"))
