/* SPDX-License-Identifier: MIT */
/* Looking addresses up through libmaxminddb. */
#include "store/country_file.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <maxminddb.h>

enum { IPV4_AT = 12 /* in an IPv4-mapped address */ };

struct country_database {
    MMDB_s mmdb;
    struct stat st; /* of the file that was opened */
};

void country_file_close(struct country_file *file)
{
    if (file->database)
        MMDB_close(&file->database->mmdb);
    free(file->database);
    file->database = NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Opens the file beside the one in use, which stays when that fails. */
static void load(struct country_file *file, const struct stat *st)
{
    struct country_database *database = calloc(1, sizeof(*database));
    int status = MMDB_OUT_OF_MEMORY_ERROR;
    if (database)
        status = MMDB_open(file->path, MMDB_MODE_MMAP, &database->mmdb);
    if (status != MMDB_SUCCESS) {
        error_set(&file->fault, "%s: %s", file->path, MMDB_strerror(status));
        free(database);
        return;
    }
    database->st = *st;
    country_file_close(file);
    file->database = database;
    file->loads++;
    file->fault.text[0] = '\0';
}

static void refresh(struct country_file *file, int64_t now)
{
    struct stat st;
    file->check_at = now + COUNTRY_CHECK_SECONDS;
    if (stat(file->path, &st) < 0)
        error_set(&file->fault, "%s: %s", file->path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        error_set(&file->fault, "%s: is not a regular file", file->path);
    else if (!file->database || !is_same(&st, &file->database->st))
        load(file, &st);
    else
        file->fault.text[0] = '\0';
}

static MMDB_lookup_result_s look_up(const MMDB_s *mmdb, const struct address *address, int *error)
{
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    memcpy(&v6.sin6_addr, address->bytes, sizeof(v6.sin6_addr));
    memcpy(&v4.sin_addr, address->bytes + IPV4_AT, sizeof(v4.sin_addr));
    const void *at = address_is_ipv4(address) ? (const void *)&v4 : (const void *)&v6;
    return MMDB_lookup_sockaddr(mmdb, at, error);
}

static bool is_code(const MMDB_entry_data_s *data)
{
    return data->has_data && data->type == MMDB_DATA_TYPE_UTF8_STRING && data->data_size == 2 &&
           data->utf8_string[0] >= 'A' && data->utf8_string[0] <= 'Z' &&
           data->utf8_string[1] >= 'A' && data->utf8_string[1] <= 'Z';
}

/* {"country": {"iso_code": "DE"}}, as MaxMind and DB-IP have it; or {"country": "DE"}, as others.
 */
static bool read_code(MMDB_entry_s *entry, char out[2])
{
    MMDB_entry_data_s data = { 0 };
    if (MMDB_get_value(entry, &data, "country", "iso_code", NULL) != MMDB_SUCCESS &&
        MMDB_get_value(entry, &data, "country", NULL) != MMDB_SUCCESS)
        return false;
    if (!is_code(&data))
        return false;
    memcpy(out, data.utf8_string, 2);
    return true;
}

void country_find(struct country_file *file, const struct address *address, int64_t now,
                  char out[2])
{
    memset(out, 0, 2);
    if (!file->path || !*file->path)
        return;
    if (now >= file->check_at || file->check_at - now > COUNTRY_CHECK_SECONDS)
        refresh(file, now);
    int error = MMDB_SUCCESS;
    if (!file->database)
        return;
    MMDB_lookup_result_s found = look_up(&file->database->mmdb, address, &error);
    if (error == MMDB_SUCCESS && found.found_entry)
        read_code(&found.entry, out);
}
