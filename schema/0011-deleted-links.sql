-- SPDX-License-Identifier: MIT
-- Deleted links that can still be restored.
--
-- Until a deleted link is purged, its row in `link` has its id with the highest bit set, and the owner
-- 4294967295, whom nobody is: nothing finds it, neither by its codes, which keep the id that it had, nor in
-- a list of its owner. So nobody else can get the codes, and what else belongs to the link stays where it
-- is. Its row in `click_limit` has that id, too, and its tags that owner.
--
-- Workers of the version before go on beside the new table: they delete links for good, and an admin's
-- list of all links shows the deleted ones.

CREATE TABLE IF NOT EXISTS deleted_link (
    link_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'the id that the link had',
    owner_id   INT UNSIGNED    NOT NULL COMMENT 'the owner that the link had',
    deleted_at INT UNSIGNED    NOT NULL,
    KEY deleted_link_owner (owner_id),
    KEY deleted_link_at (deleted_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;
