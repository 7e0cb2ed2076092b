/* SPDX-License-Identifier: MIT */
/* Ids and positions of logs, by hashes of libsodium. */
#include "follow/log_position.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/le.h"

enum {
    POSITION_VERSION = 1,
};

static_assert((int)LOG_PRINT_BYTES >= (int)crypto_generichash_BYTES_MIN, "a hash of BLAKE2b");

void log_print(struct slice bytes, unsigned char out[LOG_PRINT_BYTES])
{
    crypto_generichash(out, LOG_PRINT_BYTES, (const unsigned char *)bytes.at, bytes.len, NULL, 0);
}

/* The first line of a request, without its line break; empty while it is not whole. */
static struct slice log_first_line(struct slice head)
{
    while (head.len) {
        size_t end = slice_find(head, '\n');
        struct slice line = { head.at, end < LOG_FIRST_MAX ? end : LOG_FIRST_MAX };
        bool is_request = head.at[0] != '#' && end > 0 && !(end == 1 && head.at[0] == '\r');
        if (is_request && (end < head.len || line.len == LOG_FIRST_MAX))
            return line;
        if (is_request)
            break;
        head = slice_from(head, end + 1);
    }
    return (struct slice){ NULL, 0 };
}

bool log_source_of(struct slice head, unsigned chain, unsigned char out[LOG_SOURCE_BYTES])
{
    static const char purpose[] = "curt log"; /* separates these ids from those of other sources */
    unsigned char what[sizeof(purpose) + 1 + LOG_FIRST_MAX];
    struct slice line = log_first_line(head);
    if (line.len == 0)
        return false;
    memcpy(what, purpose, sizeof(purpose));
    what[sizeof(purpose)] = (unsigned char)chain;
    memcpy(what + sizeof(purpose) + 1, line.at, line.len);
    crypto_generichash(out, LOG_SOURCE_BYTES, what, sizeof(purpose) + 1 + line.len, NULL, 0);
    return true;
}

void log_position_set(struct log_position *position, struct slice head, struct slice tail)
{
    size_t head_len = position->offset < LOG_FIRST_MAX ? (size_t)position->offset : LOG_FIRST_MAX;
    size_t tail_len = position->offset < LOG_TAIL_MAX ? (size_t)position->offset : LOG_TAIL_MAX;
    position->head_len = (uint16_t)head_len;
    position->tail_len = (uint16_t)tail_len;
    log_print((struct slice){ head.at, head_len }, position->head);
    log_print(slice_from(tail, tail.len - tail_len), position->tail);
}

bool log_position_head_is(const struct log_position *position, struct slice head)
{
    unsigned char print[LOG_PRINT_BYTES];
    if (head.len < position->head_len)
        return false;
    log_print((struct slice){ head.at, position->head_len }, print);
    return memcmp(print, position->head, sizeof(print)) == 0;
}

bool log_position_tail_is(const struct log_position *position, struct slice tail)
{
    unsigned char print[LOG_PRINT_BYTES];
    if (tail.len < position->tail_len)
        return false;
    log_print(slice_from(tail, tail.len - position->tail_len), print);
    return memcmp(print, position->tail, sizeof(print)) == 0;
}

void log_position_encode(const struct log_position *position, unsigned char out[LOG_POSITION_BYTES])
{
    *out++ = POSITION_VERSION;
    out = le_put(out, position->offset, 8);
    out = le_put(out, position->packed_size, 8);
    out = le_put(out, position->head_len, 2);
    out = le_put(out, position->tail_len, 2);
    memcpy(out, position->head, LOG_PRINT_BYTES);
    memcpy(out + LOG_PRINT_BYTES, position->tail, LOG_PRINT_BYTES);
}

bool log_position_decode(struct slice bytes, struct log_position *out)
{
    const unsigned char *at = (const unsigned char *)bytes.at;
    if (bytes.len != LOG_POSITION_BYTES || *at++ != POSITION_VERSION)
        return false;
    out->offset = le_get(&at, 8);
    out->packed_size = le_get(&at, 8);
    out->head_len = (uint16_t)le_get(&at, 2);
    out->tail_len = (uint16_t)le_get(&at, 2);
    memcpy(out->head, at, LOG_PRINT_BYTES);
    memcpy(out->tail, at + LOG_PRINT_BYTES, LOG_PRINT_BYTES);
    return out->head_len <= LOG_FIRST_MAX && out->tail_len <= LOG_TAIL_MAX;
}
