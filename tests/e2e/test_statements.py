# SPDX-License-Identifier: MIT
"""No statement of the program reads a table without an index."""

FEW_ROWS = 16       # of owner_total for one owner


def test_every_statement_uses_an_index(stack, any_client, statements):
    assert len(statements) >= 8
    for number in range(300):
        any_client.create(f"https://example.com/{number}")
    stack.sql("ANALYZE TABLE link, code, user, api_key, setting, sequence, migration")
    # MySQL 9 explains as a tree unless it is configured otherwise.
    explain = "EXPLAIN FORMAT=TRADITIONAL " if stack.database.is_mysql else "EXPLAIN "
    for statement in statements:
        if statement["text"].lstrip().upper().startswith("INSERT"):
            continue        # reads nothing
        for row in stack.sql(explain + statement["example"].replace("%", "%%")):
            if len(row) == 12:
                row = (*row[:3], *row[4:])      # MySQL names the partitions, too
            table, access, key, number = row[2], row[3], row[5], row[8]
            if table is None:
                continue    # no row of that key: the index said so
            if stack.database.is_mysql and number <= FEW_ROWS:
                continue    # MySQL reads a small table as it is, although there is an index
            # A "const" without a key is a row that the index did not find.
            assert access not in ("ALL", "index") and (key or access == "const"), \
                f"{statement['name']}: {row}"
