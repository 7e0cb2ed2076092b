-- SPDX-License-Identifier: MIT
-- Lists in the order of clicks read this index. Only links that were clicked have an entry.
--
-- The index is built while the table is in use; workers of the version before go on beside it.

SET @change = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = 'click_total' AND index_name = 'click_total_clicks') > 0, 'DO 0',
    'ALTER TABLE click_total ADD KEY click_total_clicks (clicks, link_id)');
PREPARE change_schema FROM @change;
EXECUTE change_schema;
DEALLOCATE PREPARE change_schema;
