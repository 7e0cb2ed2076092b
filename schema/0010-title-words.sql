-- SPDX-License-Identifier: MIT
-- The words of titles, folded (src/text/words.h), for searches by their beginnings. A link without a
-- title has none.
--
-- Workers of the version before go on beside the table, and store no words: curtctl link words adds
-- what is missing. A search compares what it finds with the title, so a word too many does no harm.

CREATE TABLE IF NOT EXISTS title_word (
    owner_id INT UNSIGNED    NOT NULL COMMENT 'the link''s',
    word     VARBINARY(24)   NOT NULL,
    link_id  BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (owner_id, word, link_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;
