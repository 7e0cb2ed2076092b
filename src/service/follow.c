/* SPDX-License-Identifier: MIT */
/* Follows the files of access logs. */
#include "service/follow.h"

#include <stdlib.h>
#include <string.h>

#include "follow/log_aside.h"
#include "os/clock.h"
#include "service/flush.h"

enum {
    ROOM_BYTES = 2 * 1024 * 1024, /* of a log that are read at once; many times LOG_LINE_MAX */
    PACKED_TIMES = 16,            /* batches of a compressed file in place of one of a plain file */
    REFUSED_MAX = 8,              /* times that other processes may have been faster with a file */
};

static void follow_keep_aside(void *context, struct slice line)
{
    const struct follower *follower = context;
    log_aside_keep(follower->kept_dir, follower->kind, line);
}

/* --- what is known of files --- */

static struct follow_known *find_known(struct follower *follower,
                                       const struct log_identity *identity)
{
    for (size_t i = 0; i < follower->n_known; i++) {
        struct follow_known *known = &follower->known[i];
        if (known->identity.device == identity->device && known->identity.inode == identity->inode)
            return known;
    }
    return NULL;
}

static void remember(struct follower *follower, const struct follow_known *what)
{
    struct follow_known *known = find_known(follower, &what->identity);
    if (!known && follower->n_known < FOLLOW_KNOWN_MAX)
        known = &follower->known[follower->n_known++];
    else if (!known)
        known = &follower->known[follower->next_known++ % FOLLOW_KNOWN_MAX];
    *known = *what;
}

static void forget_known(struct follower *follower, const struct log_identity *identity)
{
    struct follow_known *known = find_known(follower, identity);
    if (known)
        *known = follower->known[--follower->n_known];
}

/* Whether the file is as it was when it had nothing more to read. */
static bool is_unchanged(struct follower *follower, const char *path)
{
    struct log_identity identity;
    if (!log_identity_find(path, &identity))
        return true;
    const struct follow_known *known = find_known(follower, &identity);
    return known && known->identity.size == identity.size &&
           known->identity.changed_ns == identity.changed_ns;
}

static bool has_failed(struct follower *follower, const char *path)
{
    struct log_identity identity;
    const struct follow_known *known =
        log_identity_find(path, &identity) ? find_known(follower, &identity) : NULL;
    return known && known->has_failed;
}

/* The bytes of a file that have not been read. */
static uint64_t bytes_behind(struct follower *follower, const char *path)
{
    struct log_identity identity;
    if (!log_identity_find(path, &identity))
        return 0;
    const struct follow_known *known = find_known(follower, &identity);
    uint64_t size = (uint64_t)identity.size;
    bool is_part = known && known->batch > 0 && known->position.offset <= size;
    if (known && known->identity.changed_ns == identity.changed_ns &&
        known->identity.size == identity.size)
        return known->has_failed ? size : 0;
    return is_part ? size - known->position.offset : size;
}

/* --- one file --- */

/* A file that is being read: the room has the bytes before `begin`, LOG_TAIL_MAX of them or all,
 * and the bytes from there to `end`, which are still to be read as lines. */
struct following {
    struct follower *follower;
    struct log_file file;
    struct follow_known known;
    size_t begin;
    size_t end;
};

/* Looks for the position of the file in the database. Sets the source; DB_OK when there is
 * something to read, DB_MISSING when there is not. */
static enum db_result find_position(struct following *following, struct error *err)
{
    struct follower *follower = following->follower;
    struct follow_known *known = &following->known;
    const struct slice source = { (const char *)known->source, LOG_SOURCE_BYTES };
    for (unsigned chain = 0; chain < LOG_CHAIN_MAX; chain++) {
        struct click_source stored = { 0 };
        if (!log_source_of(log_file_head(&following->file), chain, known->source))
            return DB_MISSING;
        arena_reset(follower->arena);
        enum db_result result =
            db_clicks_source(follower->db, source, follower->arena, &stored, err);
        if (result == DB_MISSING)
            return DB_OK;
        if (result != DB_OK)
            return result;
        known->batch = stored.batch;
        enum log_match match = LOG_OTHER;
        if (log_position_decode(stored.positions, &known->position))
            match = log_file_continue(&following->file, &known->position, follower->room, err);
        if (match == LOG_MATCH || match == LOG_NO_ANSWER)
            return match == LOG_MATCH ? DB_OK : DB_TAKEN;
        if (match == LOG_NO_MORE)
            return DB_MISSING;
        known->batch = 0;
        known->position = (struct log_position){ 0 };
        if (!log_file_rewind(&following->file, err))
            return DB_TAKEN;
    }
    error_set(err, "more than %d logs have the same first line", LOG_CHAIN_MAX);
    return DB_TAKEN;
}

/* Continues a file that this process knows, without asking the database. */
static bool continue_known(struct following *following)
{
    const struct follow_known *known = find_known(following->follower, &following->file.identity);
    const struct log_identity identity = following->file.identity;
    struct error err;
    if (!known || known->batch == 0 || following->file.unpacker)
        return false;
    if (log_file_continue(&following->file, &known->position, following->follower->room, &err) !=
        LOG_MATCH) {
        log_file_rewind(&following->file, &err); /* a plain file can be */
        return false;
    }
    following->known = *known;
    following->known.identity = identity;
    return true;
}

static enum db_result store_batch(struct following *following, size_t n, struct follow_total *total,
                                  struct error *err)
{
    struct follower *follower = following->follower;
    struct follow_known *known = &following->known;
    unsigned char positions[LOG_POSITION_BYTES];
    struct click_flushed flushed;
    log_position_encode(&known->position, positions);
    arena_reset(follower->arena);
    const struct click_flush flush = {
        .source = { (const char *)known->source, LOG_SOURCE_BYTES },
        .batch = known->batch + 1,
        .positions = { (const char *)positions, sizeof(positions) },
        .events = follower->events,
        .n = n,
        .arena = follower->arena,
        .now = clock_now(),
    };
    enum db_result result = db_clicks_flush(follower->db, &flush, &flushed, err);
    if (result != DB_STALE)
        metrics_count(follower->metrics, METRIC_FLUSHES, result != DB_OK);
    if (result != DB_OK)
        return result;
    known->batch++;
    follower->batches++;
    total->clicks += flushed.clicks;
    total->bots += flushed.bots;
    total->dropped += flushed.dropped;
    metrics_add(follower->metrics, METRIC_CLICKS_FLUSHED, (struct metric_labels){ 0 }, n);
    return DB_OK;
}

/* Fills the room behind what is still to be read; *is_over at the end that the file has. */
static bool fill_room(struct following *following, bool *is_over, struct error *err)
{
    char *room = following->follower->room;
    size_t kept = following->begin < LOG_TAIL_MAX ? following->begin : LOG_TAIL_MAX;
    size_t n = 1;
    memmove(room, room + following->begin - kept, following->end - following->begin + kept);
    following->end -= following->begin - kept;
    following->begin = kept;
    while (following->end < ROOM_BYTES && n > 0) {
        if (!log_file_read(&following->file, room + following->end, ROOM_BYTES - following->end, &n,
                           err))
            return false;
        following->end += n;
    }
    *is_over = n == 0;
    return true;
}

/* Reads lines of the room, and stores their events with the position after them. */
static enum db_result follow_step(struct following *following, bool is_over,
                                  struct follow_total *total, struct error *err)
{
    struct follower *follower = following->follower;
    struct follow_counts counts = { .unknown = 0 };
    bool is_end = is_over && following->file.is_end;
    struct follow_part part = {
        .bytes = { follower->room + following->begin, following->end - following->begin },
        .is_end = is_end,
        .events = follower->events,
        .max = DB_CLICKS_MAX,
    };
    enum db_result result =
        follower->read
            ? follower->read(follower->read_context, &follower->lines, &part, &counts, err)
            : follow_lines_read(&follower->lines, &part, &counts, err);
    struct log_position *position = &following->known.position;
    bool is_read = is_end && part.used == part.bytes.len;
    uint64_t packed_size =
        is_read ? (uint64_t)following->file.identity.size : position->packed_size;
    if (result != DB_OK || (part.used == 0 && position->packed_size == packed_size))
        return result;
    following->begin += part.used;
    position->offset += part.used;
    position->packed_size = packed_size;
    log_position_set(position, log_file_head(&following->file),
                     (struct slice){ follower->room, following->begin });
    result = store_batch(following, part.n, total, err);
    if (result != DB_OK)
        return result;
    total->bytes += part.used;
    total->lines.unknown += counts.unknown;
    total->lines.late += counts.late;
    for (int i = 0; i < LOG_VERDICTS; i++)
        total->lines.verdicts[i] += counts.verdicts[i];
    return DB_OK;
}

/* Whether the call has stored as much as it may. */
static bool is_enough(const struct follower *follower)
{
    return follower->batches_max && follower->batches >= follower->batches_max;
}

/* Likewise within a file. A compressed one may take longer, since the next call has to decompress
 * what this one has read. */
static bool is_enough_of(const struct following *following)
{
    const struct follower *follower = following->follower;
    unsigned times = following->file.unpacker ? PACKED_TIMES : 1;
    return follower->batches_max && follower->batches / times >= follower->batches_max;
}

static enum db_result follow_to_end(struct following *following, struct follow_total *total,
                                    struct error *err)
{
    enum db_result result = DB_OK;
    bool is_over = false;
    uint64_t before = UINT64_MAX;
    while (result == DB_OK && !is_enough_of(following) &&
           (!is_over || following->known.position.offset != before)) {
        before = following->known.position.offset;
        if (!fill_room(following, &is_over, err))
            return DB_TAKEN;
        result = follow_step(following, is_over, total, err);
    }
    return result;
}

/* DB_TAKEN: the file cannot be read. */
static enum db_result follow_open(struct following *following, struct follow_total *total,
                                  struct error *err)
{
    bool is_known = continue_known(following);
    enum db_result result = is_known ? DB_OK : find_position(following, err);
    if (result == DB_OK) {
        /* The tail is at the beginning of the room. */
        const struct log_position *position = &following->known.position;
        following->begin =
            position->offset < LOG_TAIL_MAX ? (size_t)position->offset : LOG_TAIL_MAX;
        following->end = following->begin;
        total->files++;
        result = follow_to_end(following, total, err);
    }
    following->known.identity = following->file.identity;
    following->known.has_failed = result == DB_TAKEN;
    if (is_enough_of(following))
        following->known.identity.changed_ns = 0; /* as if it had changed since */
    if (result == DB_OK || result == DB_MISSING || result == DB_TAKEN)
        remember(following->follower, &following->known);
    else
        forget_known(following->follower, &following->file.identity);
    return result == DB_MISSING ? DB_OK : result;
}

static void note_failure(struct follow_total *total, const char *path, const struct error *err)
{
    if (!err->text[0])
        return; /* it is gone */
    total->failed++;
    total->fault = *err;
    if (strncmp(err->text, path, strlen(path)) != 0)
        error_prefix(&total->fault, path);
}

static enum db_result follow_file(struct follower *follower, const char *path,
                                  struct follow_total *total, struct error *err)
{
    enum db_result result = DB_STALE;
    for (unsigned tries = 0; result == DB_STALE && tries < REFUSED_MAX; tries++) {
        struct following following = { .follower = follower };
        if (!log_file_open(&following.file, path, err)) {
            note_failure(total, path, err);
            return DB_OK;
        }
        result = follow_open(&following, total, err);
        log_file_close(&following.file);
    }
    if (result == DB_TAKEN) {
        note_failure(total, path, err);
        return DB_OK;
    }
    return result == DB_STALE ? DB_OK : result; /* another process reads it */
}

/* --- a log --- */

static bool follow_allocate(struct follower *follower, struct error *err)
{
    if (!follower->room)
        follower->room = malloc(ROOM_BYTES);
    if (!follower->events)
        follower->events = malloc(DB_CLICKS_MAX * sizeof(*follower->events));
    if (!follower->known)
        follower->known = malloc(FOLLOW_KNOWN_MAX * sizeof(*follower->known));
    follower->lines.unreadable = follow_keep_aside;
    follower->lines.context = follower;
    if (follower->room && follower->events && follower->known)
        return true;
    return error_set(err, "out of memory");
}

enum db_result follow_prepare(struct follower *follower, struct error *err)
{
    struct slice secret;
    arena_reset(follower->arena);
    enum db_result result =
        db_setting_get(follower->db, FLUSH_SECRET_SETTING, follower->arena, &secret, err);
    follower->lines.has_secret = result == DB_OK && secret.len == CLICK_SECRET_BYTES;
    if (follower->lines.has_secret)
        memcpy(follower->lines.secret, secret.at, CLICK_SECRET_BYTES);
    return result == DB_MISSING ? DB_OK : result;
}

static void follow_set_ages(struct follower *follower, int64_t now)
{
    follower->lines.oldest_at = follower->max_age_s ? now - follower->max_age_s : 0;
    follower->lines.newest_at = follower->max_age_s ? now + FOLLOW_AHEAD_S : 0;
}

enum db_result follow_log(struct follower *follower, const struct log_place *place,
                          struct slice format, struct follow_total *total, struct error *err)
{
    const char *const *paths = NULL;
    size_t n = 0;
    enum db_result result = DB_OK;
    struct arena *names = arena_new((size_t)LOG_FILES_MAX * (LOG_PATH_MAX + 64));
    follower->kind = place->kind;
    follower->batches = 0;
    total->more = false;
    if (!names || !follow_allocate(follower, err) ||
        !log_format_compile(&follower->lines.format, place->kind, format, err)) {
        arena_free(&names);
        return DB_FAILED;
    }
    if (!log_names_list(place->path, names, &paths, &n, err))
        note_failure(total, "", err);
    follow_set_ages(follower, clock_now());
    for (size_t i = 0; i < n && result == DB_OK && !is_enough(follower); i++) {
        if (!is_unchanged(follower, paths[i]))
            result = follow_file(follower, paths[i], total, err);
        else if (has_failed(follower, paths[i]))
            total->failed++;
    }
    total->more = result == DB_OK && is_enough(follower);
    for (size_t i = 0; i < n; i++)
        total->behind += bytes_behind(follower, paths[i]);
    arena_free(&names);
    return result;
}

enum db_result follow_purge(struct db *db, unsigned char part, int64_t max_age_s, int64_t now,
                            struct error *err)
{
    const struct click_source_purge purge = {
        .part = part,
        .positions_len = LOG_POSITION_BYTES,
        .before = now - max_age_s - FOLLOW_KEPT_S,
    };
    return db_clicks_sources_purge(db, &purge, err);
}

void follow_close(struct follower *follower)
{
    follow_lines_close(&follower->lines);
    free(follower->room);
    free(follower->events);
    free(follower->known);
    follower->room = NULL;
    follower->events = NULL;
    follower->known = NULL;
}
