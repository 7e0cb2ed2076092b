-- SPDX-License-Identifier: MIT
-- Signing in with a browser: sessions, and the tokens of links that sign in once. Only hashes of the
-- secrets are stored. A session may do what its key may, so it ends with the key.

CREATE TABLE IF NOT EXISTS session (
    id           INT UNSIGNED  NOT NULL AUTO_INCREMENT PRIMARY KEY,
    hash         BINARY(32)    NOT NULL COMMENT 'of the secret in the cookie',
    key_id       INT UNSIGNED  NOT NULL,
    user_id      INT UNSIGNED  NOT NULL COMMENT 'of the key',
    created_at   BIGINT        NOT NULL,
    last_used_at BIGINT        NOT NULL,
    agent        VARBINARY(64) NOT NULL COMMENT 'names of the browser and the system',
    UNIQUE KEY session_hash (hash),
    KEY session_user (user_id, last_used_at),
    KEY session_used (last_used_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;

CREATE TABLE IF NOT EXISTS sign_in (
    hash       BINARY(32)   NOT NULL PRIMARY KEY COMMENT 'of the token in the link',
    key_id     INT UNSIGNED NOT NULL,
    expires_at BIGINT       NOT NULL,
    KEY sign_in_expires (expires_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = binary;
