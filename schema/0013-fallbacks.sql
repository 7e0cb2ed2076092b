-- SPDX-License-Identifier: MIT
-- Where visitors of a link are sent once it is over, and before it starts.
--
-- A link that has neither takes no more room: the bits that say so are in a byte that its row has. Workers
-- of the version before go on beside the new columns: they neither read nor write them, and what they
-- change of a link leaves them as they are. Both columns are added at the end, so no table is built anew.

SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'link' AND column_name = 'not_started_url') > 0, 'DO 0',
    'ALTER TABLE link ADD COLUMN expired_url VARBINARY(8000) NULL,
        ADD COLUMN not_started_url VARBINARY(8000) NULL');
PREPARE change_schema FROM @change;
EXECUTE change_schema;
DEALLOCATE PREPARE change_schema;
