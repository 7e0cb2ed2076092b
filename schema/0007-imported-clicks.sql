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

-- Of links that were imported before: the clicks that are in no roll-up. The inner query locks
-- nothing and reads both tables as of one moment, so clicks may be flushed meanwhile.
UPDATE click_total
    JOIN (SELECT total.link_id, total.clicks - COALESCE(SUM(click_rollup.clicks), 0) AS clicks
            FROM click_total AS total
            LEFT JOIN click_rollup ON click_rollup.link_id = total.link_id
            GROUP BY total.link_id, total.clicks) AS found ON found.link_id = click_total.link_id
    SET click_total.imported = found.clicks
    WHERE found.clicks > 0 AND click_total.imported = 0;
