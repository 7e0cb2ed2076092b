# SPDX-License-Identifier: MIT
"""Very many links that look like those of a real site, written directly into the database: owners and hosts with many and with few
links, some with an alias, a tag, a title, clicks, an expiry or a limit of clicks."""

from .links import FACTOR

OWNERS = 1000           # beside the big one, which has every second link
HOSTS = 5000
WORDS = ("autumn", "catalogue", "concert", "garden", "invitation", "lamp", "newsletter", "offer", "recipe", "spring", "tickets", "winter")

# Scattered in the index as generated codes are.
CODE = f"IF(seq % 20, CONCAT('m', LPAD(CONV(seq * {FACTOR} & {(1 << 36) - 1}, 10, 36), 7, '0')), CONCAT('spring-', seq))"
OWNER = f"IF(seq % 2, {{big}}, {{first}} + seq % {OWNERS})"
_LIST = ", ".join(f"'{word}'" for word in WORDS)
# Two words and the number, for every fifth link.
TITLED = "seq % 5 = 1"
TITLE = f"CONCAT(ELT(1 + seq % {len(WORDS)}, {_LIST}), ' ', ELT(1 + seq DIV 7 % {len(WORDS)}, {_LIST}), ' ', seq)"

SEED = [
    f"INSERT INTO code (domain_id, code, link_id) SELECT 1, {CODE}, seq FROM {{chunk}}",
    f"""INSERT INTO link (id, owner_id, version, redirect_status, flags, created_at, expires_at,
            max_clicks, code_kind, code, title, long_url)
        SELECT seq, {OWNER}, 1, 302, 0, UNIX_TIMESTAMP(),
            ELT(1 + seq % 4, UNIX_TIMESTAMP() - 40 * 86400 - seq % 86400,
                UNIX_TIMESTAMP() + 365 * 86400 + seq % 86400, NULL, NULL),
            IF(seq % 50 = 1, 10, NULL), IF(seq % 20, 0, 1), {CODE}, IF({TITLED}, {TITLE}, NULL),
            CONCAT('https://', IF(seq % 3, 'www.', ''), 'host', seq % {HOSTS}, '.example.com/', seq)
        FROM {{chunk}}""",
    """INSERT INTO link_expiry (expires_at, link_id)
        SELECT link.expires_at, link.id FROM {chunk} JOIN link ON link.id = seq
        WHERE link.expires_at IS NOT NULL""",
    """INSERT INTO alias (link_id, code, number, owner_id)
        SELECT link.id, link.code, 1, link.owner_id FROM {chunk} JOIN link ON link.id = seq
        WHERE link.code_kind = 1""",
    """INSERT INTO tag (link_id, tag, owner_id)
        SELECT link.id, IF(seq % 10 = 3, 'popular', CONCAT('t', seq % 1000)), link.owner_id
        FROM {chunk} JOIN link ON link.id = seq WHERE seq % 10 = 3 OR seq % 4 < 2""",
    "INSERT INTO click_limit (link_id, used) SELECT seq, seq % 11 FROM {chunk} WHERE seq % 50 = 1",
    """INSERT INTO click_total (link_id, clicks, visitors, bots)
        SELECT seq, 1 + seq * 48271 % 100000 DIV (1 + seq % 97), 1, 0 FROM {chunk} WHERE seq % 3 = 0""",
    *(f"INSERT IGNORE INTO title_word (owner_id, word, link_id) SELECT {OWNER}, {word}, seq FROM {{chunk}} WHERE {TITLED}"
      for word in (f"ELT(1 + seq % {len(WORDS)}, {_LIST})", f"ELT(1 + seq DIV 7 % {len(WORDS)}, {_LIST})", "CONCAT('', seq)")),
]
END = """INSERT INTO owner_total (owner_id, shard, links) SELECT owner_id, 0, COUNT(*) FROM link GROUP BY owner_id;
ANALYZE TABLE link, code, alias, tag, title_word, link_expiry, click_limit, click_total"""


def owners(numbers):
    """What makes the other owners: `numbers` is a table with their numbers, from 1 to OWNERS."""
    return f"INSERT INTO user (name, role, created_at) SELECT CONCAT('many', seq), 0, 1 FROM {numbers}"


def links(chunk, big, first):
    """What makes the links whose numbers are in the table `chunk`. `big` is the id of the owner of every second one, `first` that
    of the first of the other owners. END follows once."""
    return [statement.format(chunk=chunk, big=big, first=first) for statement in SEED]
