/* SPDX-License-Identifier: MIT */
/* Looking up the country of an address through libmaxminddb. */
#include "files/country_file.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <maxminddb.h>

#include "files/country_record.h"

enum {
    IPV4_AT = 12,                  /* offset of the IPv4 address in an IPv4-mapped one */
    COUNTRY_TREE_DEPTH = 128,      /* bits of an address */
    COUNTRY_RECORDS_TRIED = 10000, /* records that are searched for a country before a file is
                                    * refused; takes milliseconds */
    COUNTRY_NODES_TRIED = 100000,
};

struct country_database {
    MMDB_s mmdb;
    struct file_identity identity; /* of the open file */
};

void country_file_close(struct country_file *file)
{
    if (file->database)
        MMDB_close(&file->database->mmdb);
    free(file->database);
    file->database = NULL;
}

/* Reads the country of an entry. An entry outside of the data section has none (libmaxminddb up to
 * 1.13 may return negative offsets). */
static bool read_code(const MMDB_s *mmdb, const MMDB_entry_s *entry, char out[2])
{
    const struct slice data = { (const char *)mmdb->data_section, mmdb->data_section_size };
    return country_record_code(data, entry->offset, out);
}

/* A depth-first walk over the search tree, which ends at the first record with a country. */
struct walk {
    const MMDB_s *mmdb;
    uint32_t nodes[COUNTRY_TREE_DEPTH + 1]; /* to be visited */
    size_t n_nodes;
    unsigned n_visited;
    unsigned n_records; /* visited so far */
    bool found;
};

static void country_file_visit(struct walk *walk, uint64_t record, uint8_t type,
                               MMDB_entry_s *entry)
{
    char code[2];
    if (type == MMDB_RECORD_TYPE_SEARCH_NODE && walk->n_nodes <= COUNTRY_TREE_DEPTH)
        walk->nodes[walk->n_nodes++] = (uint32_t)record;
    if (type != MMDB_RECORD_TYPE_DATA)
        return;
    walk->n_records++;
    walk->found = walk->found || read_code(walk->mmdb, entry, code);
}

/* Whether one of the first records has a country. In a country database usually the first one
 * has. */
static bool has_countries(const MMDB_s *mmdb, unsigned *n_records)
{
    struct walk walk = { .mmdb = mmdb, .n_nodes = 1 };
    while (walk.n_nodes && !walk.found && walk.n_records < COUNTRY_RECORDS_TRIED &&
           walk.n_visited++ < COUNTRY_NODES_TRIED) {
        MMDB_search_node_s node;
        if (MMDB_read_node(mmdb, walk.nodes[--walk.n_nodes], &node) != MMDB_SUCCESS)
            break;
        country_file_visit(&walk, node.right_record, node.right_record_type,
                           &node.right_record_entry);
        country_file_visit(&walk, node.left_record, node.left_record_type, &node.left_record_entry);
    }
    *n_records = walk.n_records;
    return walk.found;
}

/* Whether an error of libmaxminddb is caused by the file's contents, so that opening it again would
 * fail again. */
static bool is_of_no_use(int status)
{
    return status != MMDB_OUT_OF_MEMORY_ERROR && status != MMDB_FILE_OPEN_ERROR &&
           status != MMDB_IO_ERROR;
}

/* MMDB_open, after checking the metadata (country_metadata_is_sound). */
static int open_bounded(const char *path, MMDB_s *mmdb)
{
    struct stat st;
    char *tail = malloc(COUNTRY_METADATA_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int status = fd < 0 ? MMDB_FILE_OPEN_ERROR : MMDB_IO_ERROR;
    if (tail && fd >= 0 && fstat(fd, &st) == 0) {
        off_t at = st.st_size > COUNTRY_METADATA_MAX ? st.st_size - COUNTRY_METADATA_MAX : 0;
        ssize_t n = pread(fd, tail, COUNTRY_METADATA_MAX, at);
        if (n >= 0)
            status =
                country_metadata_is_sound((struct slice){ tail, (size_t)n }, (uint64_t)st.st_size)
                    ? MMDB_open(path, MMDB_MODE_MMAP, mmdb)
                    : MMDB_INVALID_METADATA_ERROR;
    }
    if (fd >= 0)
        close(fd);
    free(tail);
    return status;
}

/* Opens the file and checks that it has countries; *useless is set when its contents must be
 * refused. */
static struct country_database *country_file_open_database(const char *path, bool *useless,
                                                           struct error *err)
{
    unsigned n_records;
    struct country_database *database = calloc(1, sizeof(*database));
    int status = MMDB_OUT_OF_MEMORY_ERROR;
    if (database)
        status = open_bounded(path, &database->mmdb);
    *useless = is_of_no_use(status);
    if (status != MMDB_SUCCESS) {
        error_set(err, "%s: %s", path, MMDB_strerror(status));
        free(database);
        return NULL;
    }
    if (has_countries(&database->mmdb, &n_records))
        return database;
    error_set(
        err,
        "%s: none of its first %u records has a country (as country.iso_code, country_code or "
        "country)",
        path, n_records);
    MMDB_close(&database->mmdb);
    free(database);
    return NULL;
}

static void forget_fault(struct country_file *file)
{
    file->fault.text[0] = '\0';
    file->refused = (struct file_identity){ 0 };
}

/* Opens the file and replaces the open database by it; on failure the open one stays in use. */
static void country_file_load(struct country_file *file, const struct file_identity *identity)
{
    bool useless;
    struct country_database *database =
        country_file_open_database(file->path, &useless, &file->fault);
    if (!database) {
        file->refused = useless ? *identity : (struct file_identity){ 0 };
        return;
    }
    database->identity = *identity;
    country_file_close(file);
    file->database = database;
    file->loads++;
    forget_fault(file);
}

/* Sets *out to the identity of the file; false when there is none. */
static bool country_file_look_at(struct country_file *file, struct file_identity *out)
{
    struct stat st;
    if (stat(file->path, &st) < 0)
        return error_set(&file->fault, "%s: %s", file->path, strerror(errno));
    *out = file_identity_of(&st);
    if (S_ISREG(st.st_mode))
        return true;
    return error_set(&file->fault, "%s: is not a regular file", file->path);
}

static void country_file_refresh(struct country_file *file, int64_t now)
{
    struct file_identity identity;
    file->check_at = now + COUNTRY_CHECK_SECONDS;
    if (!country_file_look_at(file, &identity))
        file->refused = (struct file_identity){ 0 };
    else if (file->database && file_identity_is(&identity, &file->database->identity))
        forget_fault(file);
    else if (!file_identity_is(&identity, &file->refused))
        country_file_load(file, &identity);
}

static MMDB_lookup_result_s country_file_look_up(const MMDB_s *mmdb, const struct address *address,
                                                 int *error)
{
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    memcpy(&v6.sin6_addr, address->bytes, sizeof(v6.sin6_addr));
    memcpy(&v4.sin_addr, address->bytes + IPV4_AT, sizeof(v4.sin_addr));
    const void *at = address_is_ipv4(address) ? (const void *)&v4 : (const void *)&v6;
    return MMDB_lookup_sockaddr(mmdb, at, error);
}

void country_find(struct country_file *file, const struct address *address, int64_t now,
                  char out[2])
{
    memset(out, 0, 2);
    if (!file->path || !*file->path)
        return;
    if (now >= file->check_at || file->check_at - now > COUNTRY_CHECK_SECONDS)
        country_file_refresh(file, now);
    int error = MMDB_SUCCESS;
    if (!file->database)
        return;
    MMDB_lookup_result_s found = country_file_look_up(&file->database->mmdb, address, &error);
    if (error == MMDB_SUCCESS && found.found_entry)
        read_code(&file->database->mmdb, &found.entry, out);
}

bool country_file_check(const char *path, struct error *err)
{
    struct country_file file = { .path = path };
    country_file_refresh(&file, 0);
    *err = file.fault;
    bool is_fine = file.database != NULL;
    country_file_close(&file);
    return is_fine;
}
