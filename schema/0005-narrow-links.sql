-- SPDX-License-Identifier: MIT
-- Links take less room: what only some links need moves out of the row and out of every link's indexes.

-- What a purge looks for: a row for each link that expires.
CREATE TABLE IF NOT EXISTS link_expiry (
    expires_at BIGINT          NOT NULL,
    link_id    BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (expires_at, link_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'link' AND column_name = 'url_hash') = 0, 'DO 0',
    'INSERT IGNORE INTO link_expiry (expires_at, link_id)
        SELECT expires_at, id FROM link WHERE expires_at IS NOT NULL');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

SET @change = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = 'link' AND index_name = 'link_expires') = 0, 'DO 0',
    'ALTER TABLE link DROP KEY link_expires');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

-- A link that was never changed has neither a version nor a time of its change. Older links keep
-- theirs, which say the same: to change every row would be one huge transaction. The table is built
-- anew (FORCE), so that their rows, too, lose the hash.
SET @change = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = 'link' AND index_name = 'link_owner_host' AND column_name = 'url_hash') = 0, 'DO 0',
    'ALTER TABLE link DROP KEY link_owner_host');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'link' AND column_name = 'url_hash') = 0, 'DO 0',
    'ALTER TABLE link DROP COLUMN url_hash, MODIFY flags TINYINT UNSIGNED NOT NULL,
        MODIFY version INT UNSIGNED NULL COMMENT ''NULL: 1'',
        MODIFY updated_at INT UNSIGNED NULL COMMENT ''NULL: created_at'', FORCE');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

-- It only narrows down which of an owner's links to a host has a long URL, and is stored nowhere but
-- in the index: 24 bits are enough.
SET @change = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'link' AND column_name = 'url_crc') > 0, 'DO 0',
    'ALTER TABLE link ADD COLUMN url_crc MEDIUMINT UNSIGNED AS (CRC32(long_url) & 16777215) VIRTUAL');
PREPARE change_schema FROM @change;
EXECUTE change_schema;

SET @change = IF((SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
    AND table_name = 'link' AND index_name = 'link_owner_host') > 0, 'DO 0',
    'ALTER TABLE link ADD KEY link_owner_host (owner_id, host, url_crc)');
PREPARE change_schema FROM @change;
EXECUTE change_schema;
DEALLOCATE PREPARE change_schema;
