-- SPDX-License-Identifier: MIT
-- A heartbeat: written every second where there are replicas, and read on each of them, which tells
-- how far it is behind.

CREATE TABLE IF NOT EXISTS heartbeat (
    id    TINYINT UNSIGNED NOT NULL PRIMARY KEY COMMENT '1: there is one row',
    at_ms BIGINT UNSIGNED  NOT NULL COMMENT 'milliseconds since the epoch, by the clock of the primary'
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;
