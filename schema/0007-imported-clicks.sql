-- SPDX-License-Identifier: MIT
-- How many of a link's clicks an import brought with it: they have no statistics.
--
-- Workers of the version before go on beside the new column. What their curtctl imports has 0 there.

SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'click_total' AND column_name = 'imported') > 0, 'DO 0',
    'ALTER TABLE click_total ADD COLUMN imported BIGINT NOT NULL DEFAULT 0
        COMMENT ''those of the clicks that have no roll-ups''');
PREPARE change_schema FROM @change;
EXECUTE change_schema;
DEALLOCATE PREPARE change_schema;

-- Of links that were imported before: the clicks that are in no roll-up. They are found without a lock
-- (an INSERT from a SELECT takes none on what it reads, since sessions are READ COMMITTED), and as of one
-- moment; so clicks are flushed and links deleted meanwhile, and what was found stays true. Only the rows of
-- such links are locked, and only by the UPDATE.
CREATE TABLE IF NOT EXISTS click_import (
    link_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    clicks  BIGINT          NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

INSERT IGNORE INTO click_import (link_id, clicks)
    SELECT click_total.link_id, click_total.clicks - COALESCE(SUM(click_rollup.clicks), 0) AS imported
        FROM click_total LEFT JOIN click_rollup ON click_rollup.link_id = click_total.link_id
        GROUP BY click_total.link_id, click_total.clicks HAVING imported > 0;

UPDATE click_import STRAIGHT_JOIN click_total ON click_total.link_id = click_import.link_id
    SET click_total.imported = click_import.clicks WHERE click_total.imported = 0;

DROP TABLE click_import;
