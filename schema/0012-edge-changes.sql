-- SPDX-License-Identifier: MIT
-- Changes that caches in front have to be told of: the outbox of purges.
--
-- A change writes a row for each code of its link, in its own transaction. Each host reads the rows for the
-- caches that it purges (edge.purge), and stores how far it is in edge_target. Rows are deleted once no
-- cache can have an answer from before them.
--
-- Workers of the version before go on beside the tables, and write no rows.

CREATE TABLE IF NOT EXISTS edge_change (
    id      BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    code    VARBINARY(100)  NOT NULL,
    made_at INT UNSIGNED    NOT NULL,
    KEY edge_change_made (made_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

CREATE TABLE IF NOT EXISTS edge_target (
    id         BIGINT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'hash of the host and of the cache',
    position   BIGINT UNSIGNED NOT NULL COMMENT 'the changes up to this one are done',
    updated_at INT UNSIGNED    NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;
