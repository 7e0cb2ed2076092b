/* SPDX-License-Identifier: MIT */
/* curtctl doctor: tries whether caches in front can be told of changes. It has the newest link that
 * they may keep answered through the front until the answer is a kept one, tells the caches that
 * the link has changed, and looks whether the kept answer is gone. Nothing changes but what they
 * keep. */
#include <stdio.h>
#include <string.h>

#include "cli/doctor.h"
#include "edge/cache_folder.h"
#include "edge/curl.h"
#include "edge/edge_request.h"
#include "os/clock.h"
#include "os/monotonic.h"

static const char WHAT[] = "caches in front";

enum {
    ARENA_MAX = 16 << 20,
    LINKS_MAX = 50,   /* of which one is tried */
    ASKED = 6,        /* requests until an answer is a kept one */
    LOOK_MS = 10,     /* between two looks whether curl has ended */
    ANSWER_BYTES = 80 /* of a status and a request id */
};

/* Runs curl to its end; its output is in `arena`. */
static bool run(struct slice configuration, struct arena *arena, struct slice *output,
                struct error *err)
{
    struct curl_run curl;
    size_t n = 0;
    enum curl_state state = CURL_RUNS;
    char *text = arena_alloc(arena, CURL_OUTPUT_BYTES);
    if (!text)
        return error_set(err, "out of memory");
    if (!curl_start(&curl, configuration, monotonic_ms(), err))
        return false;
    while ((state = curl_poll(&curl, monotonic_ms(), text, &n, err)) == CURL_RUNS)
        monotonic_sleep_ms(LOOK_MS);
    *output = (struct slice){ text, n };
    return state == CURL_ENDED;
}

/* Requests the link `times` times; copies the status and the request id of the last answer, and
 * says whether the one before was the same. */
static bool ask(const struct doctor *doctor, struct slice code, unsigned times, struct arena *arena,
                char last[ANSWER_BYTES])
{
    struct buf text = buf_in(arena, EDGE_REQUESTS_BYTES);
    struct slice output = { NULL, 0 }, before = SLICE("");
    struct error unheard; /* doctor_check_web_server says what the web server does */
    bool is_same = false;
    for (unsigned i = 0; i < times; i++)
        buf_printf(&text,
                   "%s\nsilent\noutput = \"/dev/null\"\nmax-time = %d\n"
                   "write-out = \"%%{http_code} %%header{x-request-id}\\n\"\nurl = \"%s/%.*s\"\n",
                   i ? "next" : "fail-early", EDGE_ANSWER_S, doctor->config->server.base_url,
                   SLICE_ARG(code));
    last[0] = '\0';
    if (!run(buf_slice(&text), arena, &output, &unheard))
        return false;
    while (output.len) {
        struct slice line = { output.at, slice_find(output, '\n') };
        is_same = slice_eq(line, before);
        before = line;
        output = slice_from(output, line.len + 1);
    }
    (void)snprintf(last, ANSWER_BYTES, "%.*s", SLICE_ARG(before));
    return is_same && last[0] == '3';
}

static bool tell(const struct doctor *doctor, const struct edge_target *target,
                 const struct edge_codes *codes, struct arena *arena, struct error *err)
{
    const struct config *config = doctor->config;
    const struct edge_site site = { slice_of(config->server.base_url), config->server.base_path,
                                    config->edge.purge_method, config->edge.purge_header,
                                    config->edge.purge_body };
    if (edge_is_folder(target->kind)) {
        char path[EDGE_PLACE_MAX + 1];
        (void)snprintf(path, sizeof(path), "%.*s", SLICE_ARG(target->place));
        struct cache_folder folder = { target->kind, path, site.base_path, NULL, 0, 0 };
        bool is_purged = cache_folder_purge(&folder, codes, err);
        cache_folder_close(&folder);
        return is_purged;
    }
    struct buf text = buf_in(arena, EDGE_REQUESTS_BYTES);
    struct slice output;
    size_t n = edge_requests_write(&text, target, &site, codes);
    return run(buf_slice(&text), arena, &output, err) && edge_answers_check(target, output, n, err);
}

/* Tells all caches; false after a finding. */
static bool tell_all(struct doctor *doctor, const struct edge_codes *codes, struct arena *arena)
{
    struct slice list = slice_of(doctor->config->edge.purge);
    struct edge_target target;
    struct error err = { "" };
    bool are_told = true;
    while (edge_target_next(&list, &target, &err)) {
        arena_reset(arena);
        if (tell(doctor, &target, codes, arena, &err))
            continue;
        doctor_wrong(doctor, WHAT, "mend purge of [edge]: docs/edge.md",
                     "cannot be told of changes: %s", err.text);
        are_told = false;
    }
    return are_told;
}

/* The newest link that caches may keep; false if there is none among the newest ones. */
static bool find_link(const struct config *config, struct arena *arena, char code[CODE_MAX + 1])
{
    const struct link_query query = { .owner_id = DB_OWNER_ANY, .limit = LINKS_MAX };
    struct db *db = db_open(&config->mysql);
    struct link_page page = { .n = 0 };
    struct error unheard; /* doctor_check_database says what the database does */
    bool is_found = false;
    if (db && db_links_list(db, &query, arena, &page, &unheard) != DB_OK)
        page.n = 0;
    for (size_t i = 0; i < page.n && !is_found; i++) {
        const struct target *target = &page.links[i].target;
        is_found = !target->max_clicks && !target->starts_at && !target->expires_at &&
                   page.links[i].code.len <= CODE_MAX;
        if (is_found)
            (void)snprintf(code, CODE_MAX + 1, "%.*s", SLICE_ARG(page.links[i].code));
    }
    db_close(&db);
    return is_found;
}

static void try_link(struct doctor *doctor, struct slice code, struct arena *arena)
{
    char kept[ANSWER_BYTES], after[ANSWER_BYTES];
    const struct edge_codes codes = { .at = { code }, .n = 1 };
    bool is_kept = ask(doctor, code, ASKED, arena, kept);
    if (!tell_all(doctor, &codes, arena))
        return;
    arena_reset(arena);
    ask(doctor, code, 1, arena, after);
    if (!is_kept)
        doctor_warning(doctor, WHAT, "let base_url lead through the cache: docs/edge.md",
                       "take changes, but %s/%.*s is not answered from a cache",
                       doctor->config->server.base_url, SLICE_ARG(code));
    else if (strcmp(kept, after) == 0)
        doctor_wrong(doctor, WHAT, "name every cache in purge of [edge]: docs/edge.md",
                     "%s/%.*s has the answer from before a purge", doctor->config->server.base_url,
                     SLICE_ARG(code));
    else
        doctor_ok(doctor, WHAT, "forget a link that they are told of");
}

void doctor_check_purge(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    char code[CODE_MAX + 1];
    if (!*config->edge.purge || config->edge.purge_by_command || !config->cache.edge_ttl_s)
        return;
    struct arena *arena = arena_new(ARENA_MAX);
    if (arena && find_link(config, arena, code)) {
        arena_reset(arena);
        try_link(doctor, slice_of(code), arena);
    }
    arena_free(&arena);
}
