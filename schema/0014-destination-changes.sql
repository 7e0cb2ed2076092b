-- SPDX-License-Identifier: MIT
-- Who changed the destination of a link, and when.
--
-- A change is stored in the transaction that makes it, under the version that the link has after it, and
-- deleted with the link or after links.history_keep. Workers of the version before go on beside the new
-- table: their changes are not in it, and of links that they delete the rows stay until they are as old.

CREATE TABLE IF NOT EXISTS destination_change (
    link_id    BIGINT UNSIGNED NOT NULL,
    version    INT UNSIGNED    NOT NULL COMMENT 'of the link, after the change',
    changed_at INT UNSIGNED    NOT NULL,
    key_id     INT UNSIGNED    NOT NULL COMMENT '0: none, on the command line',
    user_name  VARBINARY(100)  NOT NULL COMMENT 'as it was then; empty: on the command line',
    old_url    VARBINARY(8000) NOT NULL,
    new_url    VARBINARY(8000) NOT NULL,
    PRIMARY KEY (link_id, version),
    KEY destination_change_at (changed_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;
