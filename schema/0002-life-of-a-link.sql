-- SPDX-License-Identifier: MIT
-- The whole life of a link: aliases, tags, counted redirects, lists, purges, idempotency keys.
--
-- Neither MySQL 8 knows ADD COLUMN IF NOT EXISTS nor do both know CREATE INDEX IF NOT EXISTS: so each
-- change of a table looks first whether it is there.

-- The codes that people chose; every one is in `code`, too. A generated code is in link.code alone.
-- The highest number is the newest.
CREATE TABLE IF NOT EXISTS alias (
    link_id  BIGINT UNSIGNED NOT NULL,
    code     VARBINARY(100)  NOT NULL,
    number   INT UNSIGNED    NOT NULL,
    owner_id INT UNSIGNED    NOT NULL COMMENT 'the link''s',
    PRIMARY KEY (link_id, code),
    KEY alias_owner_code (owner_id, code),
    KEY alias_code (code)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

INSERT IGNORE INTO alias (link_id, code, number, owner_id)
SELECT id, code, 1, owner_id FROM link WHERE code_kind = 1;

CREATE TABLE IF NOT EXISTS tag (
    link_id  BIGINT UNSIGNED NOT NULL,
    tag      VARBINARY(50)   NOT NULL,
    owner_id INT UNSIGNED    NOT NULL COMMENT 'the link''s',
    PRIMARY KEY (link_id, tag),
    KEY tag_owner (owner_id, tag, link_id),
    KEY tag_link (tag, link_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- A row for each link that has, or once had, max_clicks.
CREATE TABLE IF NOT EXISTS click_limit (
    link_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    used    BIGINT UNSIGNED NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

INSERT IGNORE INTO click_limit (link_id, used)
SELECT id, 0 FROM link WHERE max_clicks IS NOT NULL;

-- No secret: the hashes of an owner with a client's own name for a create, and of what was wanted.
CREATE TABLE IF NOT EXISTS idempotency (
    key_hash    BINARY(32)      NOT NULL PRIMARY KEY,
    fingerprint BINARY(32)      NOT NULL,
    link_id     BIGINT UNSIGNED NOT NULL,
    created_at  INT UNSIGNED    NOT NULL,
    KEY idempotency_created (created_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- How many links an owner has is the sum of its rows: several, so that the creates of one owner do
-- not wait for one another. One row may well be negative.
CREATE TABLE IF NOT EXISTS owner_total (
    owner_id INT UNSIGNED     NOT NULL,
    shard    TINYINT UNSIGNED NOT NULL,
    links    BIGINT           NOT NULL,
    PRIMARY KEY (owner_id, shard)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

INSERT IGNORE INTO owner_total (owner_id, shard, links)
SELECT owner_id, 0, COUNT(*) FROM link GROUP BY owner_id;

-- The user's own rules for new links; NULL is none.
SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'user' AND column_name = 'max_ttl_s') > 0, 'DO 0',
    'ALTER TABLE user ADD COLUMN default_ttl_s BIGINT NULL, ADD COLUMN max_ttl_s BIGINT NULL');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

-- The host of the long URL without "www.", as db/url_host.c makes it. It is stored only in the
-- index, which finds an owner's links to a host, and an owner's link to the same long URL.
SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'link' AND column_name = 'host') > 0, 'DO 0',
    'ALTER TABLE link ADD COLUMN host VARBINARY(64) AS (LEFT(TRIM(LEADING ''www.'' FROM
        SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(
            SUBSTR(long_url, LOCATE(''://'', long_url) + 3), ''/'', 1), ''?'', 1), ''#'', 1),
        ''@'', -1)), 64)) VIRTUAL');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

SET @change = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = 'link' AND index_name = 'link_owner_host') > 0, 'DO 0',
    'ALTER TABLE link ADD KEY link_owner_host (owner_id, host, url_hash)');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

SET @change = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = 'link' AND index_name = 'link_url_hash') = 0, 'DO 0',
    'ALTER TABLE link DROP KEY link_url_hash');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

-- An owner's links in the order of their ids (which end every index).
SET @change = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = 'link' AND index_name = 'link_owner') > 0, 'DO 0',
    'ALTER TABLE link ADD KEY link_owner (owner_id)');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

-- What a purge looks for.
SET @change = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = 'link' AND index_name = 'link_expires') > 0, 'DO 0',
    'ALTER TABLE link ADD KEY link_expires (expires_at)');
PREPARE change_schema FROM @change;
EXECUTE change_schema;
DEALLOCATE PREPARE change_schema;
