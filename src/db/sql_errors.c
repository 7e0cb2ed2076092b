/* SPDX-License-Identifier: MIT */
/* The classes of error numbers. Sources: the error references of MySQL 8.4 and of MariaDB 10.6 to
 * 11.4; numbers below 1900 mean the same in both. */
#include "db/sql_errors.h"

enum {
    CLIENT_ERROR_FIRST = 2000,
    CLIENT_ERROR_LAST = 2999,
};

bool sql_error_is_silence(unsigned number)
{
    return number >= CLIENT_ERROR_FIRST && number <= CLIENT_ERROR_LAST;
}

enum sql_result sql_error_class(unsigned number)
{
    switch (number) {
    case 1062: /* ER_DUP_ENTRY */
    case 1586: /* ER_DUP_ENTRY_WITH_KEY_NAME */
        return SQL_DUPLICATE;
    case 1205: /* ER_LOCK_WAIT_TIMEOUT */
    case 1213: /* ER_LOCK_DEADLOCK; in a Galera cluster also a conflict found at COMMIT */
    case 3101: /* ER_TRANSACTION_ROLLBACK_DURING_COMMIT: group replication found a conflict */
        return SQL_RETRY;
    case 1020: /* ER_CHECKREAD: with MariaDB's snapshot isolation, the row has changed */
        return SQL_RETRY;
    case 1040:  /* ER_CON_COUNT_ERROR: too many connections */
    case 1041:  /* ER_OUT_OF_RESOURCES */
    case 1047:  /* ER_UNKNOWN_COM_ERROR: a Galera node that is not ready */
    case 1053:  /* ER_SERVER_SHUTDOWN */
    case 1077:  /* ER_NORMAL_SHUTDOWN */
    case 1079:  /* ER_SHUTDOWN_COMPLETE */
    case 1129:  /* ER_HOST_IS_BLOCKED */
    case 1135:  /* ER_CANT_CREATE_THREAD */
    case 1152:  /* ER_ABORTING_CONNECTION */
    case 1158:  /* ER_NET_READ_ERROR */
    case 1159:  /* ER_NET_READ_INTERRUPTED */
    case 1160:  /* ER_NET_ERROR_ON_WRITE */
    case 1161:  /* ER_NET_WRITE_INTERRUPTED */
    case 1180:  /* ER_ERROR_DURING_COMMIT: a Galera node that lost the majority meanwhile, or a
                 * conflict in group replication */
    case 1184:  /* ER_NEW_ABORTING_CONNECTION */
    case 1203:  /* ER_TOO_MANY_USER_CONNECTIONS */
    case 1226:  /* ER_USER_LIMIT_REACHED */
    case 1290:  /* ER_OPTION_PREVENTS_STATEMENT: --read-only */
    case 1317:  /* ER_QUERY_INTERRUPTED */
    case 1429:  /* ER_CONNECT_TO_FOREIGN_DATA_SOURCE: a backend of Spider is away */
    case 1461:  /* ER_MAX_PREPARED_STMT_COUNT_REACHED: closing the connection frees its own */
    case 1836:  /* ER_READ_ONLY_MODE */
    case 1927:  /* ER_CONNECTION_KILLED (MariaDB) */
    case 1969:  /* ER_STATEMENT_TIMEOUT (MariaDB) */
    case 3024:  /* ER_QUERY_TIMEOUT (MySQL) */
    case 3032:  /* ER_SERVER_OFFLINE_MODE */
    case 3100:  /* ER_RUN_HOOK_ERROR: group replication could not order the transaction */
    case 3169:  /* ER_SESSION_WAS_KILLED (MySQL) */
    case 4031:  /* ER_CLIENT_INTERACTION_TIMEOUT (MySQL): idle for too long */
    case 12701: /* ER_SPIDER_REMOTE_SERVER_GONE_AWAY: at COMMIT others may have stored their part */
        return SQL_LOST;
    default:
        /* After an error of the client library the state of the connection is unknown. */
        return sql_error_is_silence(number) ? SQL_LOST : SQL_ERROR;
    }
}

bool sql_error_is_unfit(unsigned number)
{
    switch (number) {
    case 1047: /* ER_UNKNOWN_COM_ERROR: a Galera node that is not ready */
    case 1053: /* ER_SERVER_SHUTDOWN */
    case 1290: /* ER_OPTION_PREVENTS_STATEMENT: --read-only, --super-read-only */
    case 1836: /* ER_READ_ONLY_MODE */
    case 3032: /* ER_SERVER_OFFLINE_MODE */
        return true;
    default:
        return false;
    }
}

bool sql_error_wants_prepare(unsigned number)
{
    return number == 1243     /* ER_UNKNOWN_STMT_HANDLER */
           || number == 1615; /* ER_NEED_REPREPARE */
}
