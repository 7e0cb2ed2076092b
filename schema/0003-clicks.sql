-- SPDX-License-Identifier: MIT
-- Clicks: totals of links and of owners, roll-ups by day and by month, and how far each source of
-- clicks has been rolled up.

-- What a link has altogether; no row is none. What lists and single links show comes from here.
CREATE TABLE IF NOT EXISTS click_total (
    link_id  BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    clicks   BIGINT          NOT NULL,
    visitors BIGINT          NOT NULL COMMENT 'those of all days, added up',
    bots     BIGINT          NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- The total moves there from the link. The table is built anew (FORCE), so that the links that are
-- there become smaller, too.
SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'link' AND column_name = 'clicks') = 0, 'DO 0',
    'INSERT IGNORE INTO click_total (link_id, clicks, visitors, bots)
        SELECT id, clicks, 0, 0 FROM link WHERE clicks > 0');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'link' AND column_name = 'clicks') = 0, 'DO 0',
    'ALTER TABLE link DROP COLUMN clicks, FORCE');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

-- A link's clicks of a day or of a month. The detail (click/day.h) holds the breakdowns, and for a
-- day that is not too old the hours and a sketch of the visitors.
CREATE TABLE IF NOT EXISTS click_rollup (
    link_id  BIGINT UNSIGNED  NOT NULL,
    unit     TINYINT UNSIGNED NOT NULL COMMENT '0 day, 1 month',
    at       INT UNSIGNED     NOT NULL COMMENT 'days since the epoch; of a month the first',
    stage    TINYINT UNSIGNED NOT NULL COMMENT '0 day with hours, 1 day without, 2 month',
    clicks   INT UNSIGNED     NOT NULL,
    visitors INT UNSIGNED     NOT NULL,
    bots     INT UNSIGNED     NOT NULL,
    detail   BLOB             NOT NULL,
    PRIMARY KEY (link_id, unit, at),
    KEY click_rollup_stage (stage, at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- How far a host's ring or a spill file has been rolled up. The row changes in the transaction that
-- changes the roll-ups: that is what counts each click once.
CREATE TABLE IF NOT EXISTS click_source (
    source     BINARY(16)      NOT NULL PRIMARY KEY,
    batch      BIGINT UNSIGNED NOT NULL,
    positions  VARBINARY(8192) NOT NULL,
    updated_at INT UNSIGNED    NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- Whoever changes roll-ups locks this row first. All hosts have clicks of the same popular links, so
-- they would wait for one another anyway: here they do so before they have done any work, and in
-- line.
CREATE TABLE IF NOT EXISTS click_gate (
    id TINYINT UNSIGNED NOT NULL PRIMARY KEY
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

INSERT IGNORE INTO click_gate (id) VALUES (1);

-- An owner's clicks, those of links that were deleted since among them.
SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'owner_total' AND column_name = 'clicks') > 0, 'DO 0',
    'ALTER TABLE owner_total ADD COLUMN clicks BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN visitors BIGINT NOT NULL DEFAULT 0, ADD COLUMN bots BIGINT NOT NULL DEFAULT 0');
PREPARE change_schema FROM @change;
EXECUTE change_schema;
DEALLOCATE PREPARE change_schema;
