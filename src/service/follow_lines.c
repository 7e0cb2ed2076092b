/* SPDX-License-Identifier: MIT */
/* Makes events of lines. Lines are read in rounds: the codes that a round has are looked up in the
 * database at once, and then the events are completed. */
#include "service/follow_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/fnv.h"
#include "click/agent.h"
#include "click/referrer.h"
#include "os/monotonic.h"
#include "text/address.h"

/* --- results --- */

const char *follow_result_name(unsigned result)
{
    static const char *const names[FOLLOW_RESULTS] = {
        [FOLLOW_COUNTED] = "counted",
        [FOLLOW_NO_LINK] = "no_link",
        [FOLLOW_LATE] = "late",
        [FOLLOW_ASKED] = "asked",
        [FOLLOW_NO_REDIRECT] = "no_redirect",
        [FOLLOW_NO_VISIT] = "no_visit",
        [FOLLOW_UNREADABLE] = "unreadable",
    };
    return result < FOLLOW_RESULTS ? names[result] : "";
}

uint64_t follow_result_count(const struct follow_counts *counts, enum follow_result result)
{
    switch (result) {
    case FOLLOW_COUNTED:
        return counts->verdicts[LOG_COUNTS] - counts->unknown - counts->late;
    case FOLLOW_NO_LINK:
        return counts->unknown;
    case FOLLOW_LATE:
        return counts->late;
    case FOLLOW_ASKED:
        return counts->verdicts[LOG_ASKED];
    case FOLLOW_NO_REDIRECT:
        return counts->verdicts[LOG_NO_REDIRECT];
    case FOLLOW_NO_VISIT:
        return counts->verdicts[LOG_NO_VISIT];
    case FOLLOW_UNREADABLE:
        return counts->verdicts[LOG_UNREADABLE];
    case FOLLOW_RESULTS:
        break;
    }
    return 0;
}

/* --- what is remembered --- */

/* A text that was seen, and what it means. */
struct memo {
    uint16_t len; /* 0: free */
    uint8_t referrer_len;
    char text[FOLLOW_MEMO_TEXT_MAX];
    union {
        struct agent agent;
        char referrer[CLICK_REFERRER_MAX];
    } meaning;
};

struct place {
    struct address address;
    bool is_known;
    char country[2];
};

/* A line that counts, until its link is known. */
struct pending {
    int slot;
    bool has_visitor;
    struct slice agent;
    struct address address;
    struct click_event event;
};

struct follow_memos {
    struct memo agents[FOLLOW_MEMO_SLOTS];
    struct memo referrers[FOLLOW_MEMO_SLOTS];
    struct place places[FOLLOW_MEMO_SLOTS];
    struct visitor_key keys[2]; /* of an even and an odd window */
    uint32_t windows[2];
    struct pending pending[FOLLOW_LINES_AT_ONCE];
    size_t n;
    int64_t now; /* of the round, monotonic, in seconds */
    char scratch[FOLLOW_LINES_AT_ONCE + 4 * LOG_LINE_MAX];
};

/* A hash by whole words; its high bits depend on all of them. */
static unsigned memo_slot(struct slice text)
{
    uint64_t hash = FNV1A_BASIS ^ text.len, word = 0;
    for (; text.len >= sizeof(word); text = slice_from(text, sizeof(word))) {
        memcpy(&word, text.at, sizeof(word));
        hash = fnv1a_step(hash, word);
        hash ^= hash >> 32;
    }
    word = 0;
    if (text.len)
        memcpy(&word, text.at, text.len);
    hash = fnv1a_step(fnv1a_step(hash, word), text.len);
    return (unsigned)(hash >> 40) % FOLLOW_MEMO_SLOTS;
}

/* The slot of the text; *is_new when its meaning has to be filled in. NULL when it is too long to
 * be remembered. */
static struct memo *memo_find(struct memo *memos, struct slice text, bool *is_new)
{
    if (text.len == 0 || text.len > FOLLOW_MEMO_TEXT_MAX)
        return NULL;
    struct memo *memo = &memos[memo_slot(text)];
    *is_new = memo->len != text.len || memcmp(memo->text, text.at, text.len) != 0;
    if (*is_new) {
        memcpy(memo->text, text.at, text.len);
        memo->len = (uint16_t)text.len;
    }
    return memo;
}

static struct agent agent_of(struct follow_memos *memos, struct slice text)
{
    struct agent agent;
    bool is_new = true;
    struct memo *memo = memo_find(memos->agents, text, &is_new);
    if (memo && !is_new)
        return memo->meaning.agent;
    agent_classify(text, &agent);
    if (memo)
        memo->meaning.agent = agent;
    return agent;
}

static void note_referrer(struct follow_memos *memos, struct slice text, struct click_event *event)
{
    bool is_new = true;
    struct memo *memo = memo_find(memos->referrers, text, &is_new);
    if (is_new)
        referrer_host(text, event->referrer, &event->referrer_len);
    if (memo && is_new) {
        memcpy(memo->meaning.referrer, event->referrer, CLICK_REFERRER_MAX);
        memo->referrer_len = event->referrer_len;
    } else if (memo) {
        memcpy(event->referrer, memo->meaning.referrer, CLICK_REFERRER_MAX);
        event->referrer_len = memo->referrer_len;
    }
}

/* --- one line --- */

/* The country that the log names, where no country file knows the address. */
static void take_country(struct slice text, char out[2])
{
    if (out[0] || text.len != 2 || !ascii_is_letter(text.at[0]) || !ascii_is_letter(text.at[1]) ||
        slice_eq_nocase(text, SLICE("XX")))
        return;
    out[0] = ascii_to_upper(text.at[0]);
    out[1] = ascii_to_upper(text.at[1]);
}

static void note_country(struct follow_lines *lines, const struct pending *pending, char out[2])
{
    const struct slice bytes = { (const char *)pending->address.bytes, ADDRESS_BYTES };
    if (!lines->countries.path || !*lines->countries.path)
        return;
    struct place *place = &lines->memos->places[memo_slot(bytes)];
    if (!place->is_known ||
        memcmp(&place->address, &pending->address, sizeof(place->address)) != 0) {
        *place = (struct place){ .address = pending->address, .is_known = true };
        country_find(&lines->countries, &pending->address, lines->memos->now, place->country);
    }
    memcpy(out, place->country, sizeof(place->country));
}

/* `line` may be in the scratch: what is needed later is in *pending, or in the bytes of the log. */
static void describe(struct follow_lines *lines, const struct log_line *line,
                     struct pending *pending)
{
    struct follow_memos *memos = lines->memos;
    struct click_event *event = &pending->event;
    struct agent agent = agent_of(memos, slice_trim(line->agent));
    event->at = (uint32_t)line->at;
    if (!click_event_describe(event, &agent, line->is_private))
        return;
    note_referrer(memos, line->referer, event);
    if (address_parse_peer(line->address, &pending->address)) {
        pending->has_visitor = lines->has_secret;
        pending->agent = line->agent;
        note_country(lines, pending, event->country);
    }
    take_country(line->country, event->country);
}

/* --- a round --- */

static uint64_t visitor_of(struct follow_lines *lines, const struct pending *pending)
{
    struct follow_memos *memos = lines->memos;
    uint32_t window = (uint32_t)(pending->event.at / lines->window_s);
    struct visitor_key *key = &memos->keys[window % 2];
    if (memos->windows[window % 2] != window) {
        visitor_key_derive(lines->secret, window, key);
        memos->windows[window % 2] = window;
    }
    return visitor_hash(key, pending->event.link_id, address_household(&pending->address),
                        pending->agent);
}

static void follow_lines_complete(struct follow_lines *lines, struct follow_part *part,
                                  struct follow_counts *counts)
{
    struct follow_memos *memos = lines->memos;
    for (size_t i = 0; i < memos->n; i++) {
        struct pending *pending = &memos->pending[i];
        pending->event.link_id = follow_codes_link(&lines->codes, pending->slot);
        if (pending->event.link_id == 0) {
            counts->unknown++;
            continue;
        }
        if (pending->has_visitor)
            pending->event.visitor = visitor_of(lines, pending);
        part->events[part->n++] = pending->event;
    }
}

/* The next line of the part, without its line break; *used is set to its bytes with it. False when
 * there is no whole line. */
static bool next_line(const struct follow_part *part, struct slice *line, size_t *used)
{
    struct slice rest = slice_from(part->bytes, part->used);
    size_t end = slice_find(rest, '\n');
    bool is_whole = end < rest.len;
    if (rest.len == 0 || (!is_whole && !part->is_end && rest.len <= LOG_LINE_MAX))
        return false;
    *line = (struct slice){ rest.at, end };
    *used = end + is_whole;
    return true;
}

static void follow_line(struct follow_lines *lines, struct slice text, char **scratch,
                        struct follow_counts *counts)
{
    struct follow_memos *memos = lines->memos;
    struct log_line line;
    if (log_format_is_head(&lines->format, text))
        return;
    enum log_verdict verdict = log_parse(&lines->format, text, *scratch, &line);
    if (verdict == LOG_COUNTS && lines->newest_at && line.at > lines->newest_at)
        verdict = LOG_UNREADABLE;
    counts->verdicts[verdict]++;
    if (verdict == LOG_UNREADABLE && lines->unreadable)
        lines->unreadable(lines->context, text);
    if (verdict != LOG_COUNTS)
        return;
    if (line.at < lines->oldest_at) {
        counts->late++;
        return;
    }
    struct pending *pending = &memos->pending[memos->n];
    *pending = (struct pending){ .slot = follow_codes_find(&lines->codes, line.target) };
    memos->n++;
    describe(lines, &line, pending);
    bool is_in_scratch = line.agent.len && line.agent.at >= memos->scratch &&
                         line.agent.at < memos->scratch + sizeof(memos->scratch);
    if (is_in_scratch)
        *scratch = (char *)(uintptr_t)line.agent.at + line.agent.len;
}

/* Reads up to FOLLOW_LINES_AT_ONCE lines. */
static enum db_result follow_round(struct follow_lines *lines, struct follow_part *part,
                                   struct follow_counts *counts, struct error *err)
{
    struct follow_memos *memos = lines->memos;
    char *scratch = memos->scratch;
    const char *scratch_end = memos->scratch + sizeof(memos->scratch) - LOG_LINE_MAX;
    struct slice text;
    size_t used = 0, n = 0;
    memos->n = 0;
    memos->now = monotonic_ms() / 1000;
    follow_codes_begin(&lines->codes, memos->now);
    while (n++ < FOLLOW_LINES_AT_ONCE && scratch < scratch_end && next_line(part, &text, &used)) {
        follow_line(lines, text, &scratch, counts);
        part->used += used;
    }
    enum db_result result = follow_codes_ask(&lines->codes, lines->db, lines->arena, err);
    if (result == DB_OK)
        follow_lines_complete(lines, part, counts);
    return result;
}

enum db_result follow_lines_read(struct follow_lines *lines, struct follow_part *part,
                                 struct follow_counts *counts, struct error *err)
{
    struct follow_counts sum = *counts;
    enum db_result result = DB_OK;
    size_t before = SIZE_MAX;
    if (!lines->memos && !(lines->memos = calloc(1, sizeof(*lines->memos)))) {
        error_set(err, "out of memory");
        return DB_FAILED;
    }
    part->used = 0;
    part->n = 0;
    while (result == DB_OK && part->used != before && part->n + FOLLOW_LINES_AT_ONCE <= part->max) {
        before = part->used;
        result = follow_round(lines, part, &sum, err);
    }
    if (result == DB_OK)
        *counts = sum;
    return result;
}

void follow_lines_close(struct follow_lines *lines)
{
    free(lines->memos);
    lines->memos = NULL;
    country_file_close(&lines->countries);
}
