-- SPDX-License-Identifier: MIT
-- The foundation: links and their codes, the sequence, users and their keys, settings.
--
-- Schema changes cannot be rolled back, so every statement may run again after a crash half-way.
-- MySQL 8 and MariaDB 10.6 both take all of it. Text is bytes (compared byte by byte, sizes in
-- bytes), times are seconds since the Unix epoch, NULL is "none". No foreign keys: the program keeps
-- the references, so that shards and online schema changes stay possible.

-- Which migrations were applied, by the file's number.
CREATE TABLE IF NOT EXISTS migration (
    number     INT UNSIGNED   NOT NULL PRIMARY KEY,
    name       VARBINARY(100) NOT NULL,
    checksum   BINARY(32)     NOT NULL COMMENT 'SHA-256 of the file',
    applied_at BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- What all machines must agree on: the key of the codes, facts of the schema.
CREATE TABLE IF NOT EXISTS setting (
    name  VARBINARY(64)   NOT NULL PRIMARY KEY,
    value VARBINARY(1024) NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- Where the ids of links come from. A row is a region's own slice of the id space: ids from next_id
-- up to but not including limit_id are free, and are handed out in blocks.
CREATE TABLE IF NOT EXISTS sequence (
    name       VARBINARY(64)   NOT NULL PRIMARY KEY,
    next_id    BIGINT UNSIGNED NOT NULL,
    limit_id   BIGINT UNSIGNED NOT NULL,
    block_size INT UNSIGNED    NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- The limit is 62^7 + 62^8: all codes of seven and of eight digits. Ids past it would need a third
-- length; whoever gets there, or splits the space among regions, changes this row.
INSERT IGNORE INTO sequence (name, next_id, limit_id, block_size)
VALUES ('default', 1, 221861720191104, 1000);

CREATE TABLE IF NOT EXISTS user (
    id         INT UNSIGNED     NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name       VARBINARY(100)   NOT NULL,
    role       TINYINT UNSIGNED NOT NULL COMMENT '0 user, 1 admin',
    created_at BIGINT           NOT NULL,
    UNIQUE KEY user_name (name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

CREATE TABLE IF NOT EXISTS api_key (
    id           INT UNSIGNED   NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id      INT UNSIGNED   NOT NULL,
    name         VARBINARY(100) NOT NULL,
    hash         BINARY(32)     NOT NULL COMMENT 'of the secret, which is stored nowhere',
    created_at   BIGINT         NOT NULL,
    last_used_at BIGINT         NULL,
    revoked_at   BIGINT         NULL,
    KEY api_key_user (user_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- The id comes from the sequence, so rows are appended. The columns are as narrow as their meaning
-- allows, for there may be thousands of millions of rows: created_at and updated_at last until 2106,
-- and url_hash, which finds an owner's link to the same long URL, is only an aid.
CREATE TABLE IF NOT EXISTS link (
    id              BIGINT UNSIGNED   NOT NULL PRIMARY KEY,
    url_hash        INT UNSIGNED      NOT NULL COMMENT 'of owner_id and long_url',
    owner_id        INT UNSIGNED      NOT NULL COMMENT '0: made without a key',
    version         INT UNSIGNED      NOT NULL,
    redirect_status SMALLINT UNSIGNED NOT NULL,
    flags           SMALLINT UNSIGNED NOT NULL,
    created_at      INT UNSIGNED      NOT NULL,
    updated_at      INT UNSIGNED      NOT NULL,
    starts_at       BIGINT            NULL,
    expires_at      BIGINT            NULL,
    max_clicks      BIGINT UNSIGNED   NULL,
    clicks          BIGINT UNSIGNED   NOT NULL DEFAULT 0,
    code_kind       TINYINT UNSIGNED  NOT NULL COMMENT '0 generated, 1 alias',
    code            VARBINARY(100)    NOT NULL COMMENT 'the one it was made with',
    title           VARBINARY(255)    NULL,
    long_url        VARBINARY(8000)   NOT NULL,
    KEY link_url_hash (url_hash)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

-- What resolves. The primary key is the unique index that decides who has a code. There is no index
-- the other way: it would cost each link fifty bytes to say what link.code says in eight.
CREATE TABLE IF NOT EXISTS code (
    domain_id SMALLINT UNSIGNED NOT NULL,
    code      VARBINARY(100)    NOT NULL,
    link_id   BIGINT UNSIGNED   NOT NULL,
    PRIMARY KEY (domain_id, code)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;
