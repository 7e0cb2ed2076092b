-- SPDX-License-Identifier: MIT
-- Keys that end by themselves, and keys that may do less than their user.
--
-- Workers of the version before go on beside the new tables: they neither read nor write these
-- columns, so the keys that they make never end and may do all that the user may. To them a key with
-- an end or a scope is like any other: give such keys out when no worker of that version runs any more.

SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'api_key' AND column_name = 'scope') > 0, 'DO 0',
    'ALTER TABLE api_key ADD COLUMN expires_at BIGINT NULL COMMENT ''NULL: never'',
        ADD COLUMN scope TINYINT UNSIGNED NOT NULL DEFAULT 0
        COMMENT ''0 manage, 1 create, 2 read: the higher, the less''');
PREPARE change_schema FROM @change;
EXECUTE change_schema;
DEALLOCATE PREPARE change_schema;
