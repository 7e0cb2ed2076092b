/* SPDX-License-Identifier: MIT */
/* Mutants of JSON texts that are mostly JSON again, for targets whose input is `fuzz_json_prefix`
 * bytes and then a text: values are replaced, repeated (up to the longest input there may be),
 * nested, doubled and left out, with the members that the API knows. One in four is libFuzzer's
 * own. Linked with libFuzzer only. */
#include <stdbool.h>
#include <string.h>

#include "fuzz_json_mutator.h"

enum {
    PIECE_MAX = 4096, /* bytes of a value that is made up */
    DEPTH_MAX = 12,   /* of such a value: the API takes eight levels */
    NEST_MAX = 4096,  /* brackets around a value */
    FEW = 4,
};

/* A text that grows at its end; what finds no room is left out. */
struct piece {
    uint8_t *at;
    size_t n;
    size_t max;
    uint64_t random;
};

static const char *const NAMES[] = {
    "long_url",    "custom_alias", "expires_at",     "expiration_date", "expiry_date",
    "ttl_seconds", "starts_at",    "max_clicks",     "forward_query",   "redirect_status",
    "title",       "tags",         "reuse",          "links",           "user",
    "role",        "name",         "scope",          "updated_at",      "clicks",
    "url",         "slug",         "long\\u005furl", "extra_path",
};

static const char *const TEXTS[] = {
    "https://a.example/x?y=1#z",
    "http://[::1]/",
    "https://s.example/s/spring",
    "spring",
    "2100-01-01T00:00:00Z",
    "1969-12-31T23:59:59+14:00",
    "admin",
    "read",
    "bob",
    "",
    "\\u0000",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\\"\\\\\\/\\b\\f\\n\\r\\t",
    "\xc3\xa4\xf0\x9f\x98\x80",
    "\xed\xa0\x80",
    "\x01",
};

static const char *const LITERALS[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "302",
    "1800000001",
    "-1",
    "1.5",
    "1e999",
    "01",
    "NaN",
    "9223372036854775807",
    "99999999999999999999999999999999999999",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Splitmix64 (Steele, Lea and Flood 2014). */
static size_t below(struct piece *p, size_t limit)
{
    uint64_t z = p->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return limit ? (size_t)((z ^ (z >> 31)) % limit) : 0;
}

/* --- making values up --- */

static void add(struct piece *p, const char *text)
{
    size_t len = strlen(text);
    if (len > p->max - p->n)
        return;
    memcpy(p->at + p->n, text, len);
    p->n += len;
}

static void add_quoted(struct piece *p, const char *text)
{
    add(p, "\"");
    add(p, text);
    add(p, "\"");
}

static void add_name(struct piece *p)
{
    add_quoted(p, NAMES[below(p, COUNT(NAMES))]);
}

static void add_string(struct piece *p)
{
    add(p, "\"");
    for (size_t n = 1 + below(p, 2); n > 0; n--)
        add(p, TEXTS[below(p, COUNT(TEXTS))]);
    add(p, "\"");
}

/* An object or array of so many items still to come, at each depth of a path to the root. */
struct level {
    bool is_object;
    bool begun;
    size_t left;
};

/* Opens a container; an atom where that would be too deep. */
static bool add_start(struct piece *p, struct level *level, bool may_open)
{
    size_t kind = below(p, may_open ? FEW + 1 : FEW - 1);
    if (kind == 0)
        add(p, LITERALS[below(p, COUNT(LITERALS))]);
    else if (kind < FEW - 1)
        add_string(p);
    if (kind < FEW - 1)
        return false;
    *level = (struct level){ .is_object = kind == FEW, .left = below(p, FEW + 1) };
    add(p, level->is_object ? "{" : "[");
    return true;
}

/* A value, to its end. */
static void add_value(struct piece *p)
{
    struct level levels[DEPTH_MAX];
    size_t depth = add_start(p, &levels[0], true);
    while (depth > 0) {
        struct level *level = &levels[depth - 1];
        if (level->left == 0 || p->n >= p->max / 2) {
            add(p, level->is_object ? "}" : "]");
            depth--;
            continue;
        }
        level->left--;
        add(p, level->begun ? "," : "");
        level->begun = true;
        if (level->is_object) {
            add_name(p);
            add(p, ":");
        }
        depth += add_start(p, &levels[depth < DEPTH_MAX ? depth : 0], depth < DEPTH_MAX);
    }
}

static void add_member(struct piece *p)
{
    add_name(p);
    add(p, ":");
    add_value(p);
}

/* A link that may well be made. */
static void add_link(struct piece *p)
{
    add(p, "{\"long_url\":\"https://a.example/\"");
    for (size_t n = below(p, FEW); n > 0; n--) {
        add(p, ",");
        add_member(p);
    }
    add(p, "}");
}

/* A body that begins anew. */
static void add_body(struct piece *p)
{
    bool is_bulk = below(p, 2) == 0;
    add(p, is_bulk ? "{\"links\":[" : "");
    add_link(p);
    for (size_t n = is_bulk ? below(p, FEW) : 0; n > 0; n--) {
        add(p, ",");
        add_link(p);
    }
    add(p, is_bulk ? "]}" : "");
}

/* --- changing a text --- */

struct text {
    uint8_t *at;
    size_t n;
    size_t max;
};

/* A token, with all that is in it where it opens an object or array. */
struct span {
    size_t from;
    size_t to;
};

static size_t skip_string(const struct text *text, size_t at)
{
    for (at++; at < text->n && text->at[at] != '"'; at++)
        at += text->at[at] == '\\';
    return at < text->n ? at + 1 : text->n;
}

static bool is_between(uint8_t c)
{
    return c == '\0' || strchr(" \t\r\n,:[]{}\"", c) != NULL;
}

static size_t skip_token(const struct text *text, size_t at)
{
    if (text->at[at] == '"')
        return skip_string(text, at);
    size_t end = at + 1;
    while (!is_between(text->at[at]) && end < text->n && !is_between(text->at[end]))
        end++;
    return end;
}

static size_t skip_value(const struct text *text, size_t at)
{
    size_t depth = 0;
    do {
        uint8_t c = text->at[at];
        depth += c == '{' || c == '[';
        depth -= depth > 0 && (c == '}' || c == ']');
        at = skip_token(text, at);
    } while (depth > 0 && at < text->n);
    return at;
}

/* Any value or name, each as likely as the others; an empty span at the end where there is none. */
static struct span choose(const struct text *text, struct piece *p)
{
    struct span chosen = { text->n, text->n };
    size_t seen = 0;
    for (size_t at = 0; at < text->n;) {
        uint8_t c = text->at[at];
        size_t end = skip_token(text, at);
        if ((!is_between(c) || c == '"' || c == '{' || c == '[') && below(p, ++seen) == 0)
            chosen.from = at;
        at = end;
    }
    if (chosen.from < text->n)
        chosen.to = skip_value(text, chosen.from);
    return chosen;
}

static bool is_name(const struct text *text, struct span span)
{
    return span.to < text->n && text->at[span.to] == ':';
}

/* Makes room for `n` bytes in place of the span; false when there is none. */
static bool make_room(struct text *text, struct span span, size_t n)
{
    if (n > text->max - (text->n - (span.to - span.from)))
        return false;
    memmove(text->at + span.from + n, text->at + span.to, text->n - span.to);
    text->n = text->n - (span.to - span.from) + n;
    return true;
}

static void put(struct text *text, struct span span, const struct piece *p)
{
    if (make_room(text, span, p->n))
        memcpy(text->at + span.from, p->at, p->n);
}

/* The span and its copies with a comma before each: some, or, seldom, as many as there is room for.
 */
static void repeat(struct text *text, struct span span, struct piece *p)
{
    size_t unit = span.to - span.from + 1;
    size_t room = (text->max - text->n) / unit;
    size_t n = below(p, 64) == 0 ? room : (size_t)1 << below(p, 12);
    const struct span behind = { span.to, span.to };
    if (span.to == span.from || n > room || !make_room(text, behind, n * unit))
        return;
    for (size_t i = 0; i < n; i++) {
        uint8_t *copy = text->at + span.to + i * unit;
        copy[0] = ',';
        memcpy(copy + 1, text->at + span.from, unit - 1);
    }
}

/* Brackets around the span, as deep as the reader refuses, or far deeper. */
static void nest(struct text *text, struct span span, struct piece *p)
{
    size_t depth = below(p, 8) == 0 ? below(p, NEST_MAX) : 1 + below(p, DEPTH_MAX);
    const struct span before = { span.from, span.from };
    if (!make_room(text, before, depth))
        return;
    memset(text->at + span.from, '[', depth);
    const struct span behind = { span.to + depth, span.to + depth };
    if (make_room(text, behind, depth))
        memset(text->at + behind.from, ']', depth);
}

/* Leaves the span out, and the comma or colon behind it. */
static void leave_out(struct text *text, struct span span)
{
    span.to += span.to < text->n && (text->at[span.to] == ',' || text->at[span.to] == ':');
    (void)make_room(text, span, 0);
}

/* The bytes of the span, as libFuzzer would have them. */
static void mutate_within(struct text *text, struct span span)
{
    uint8_t bytes[PIECE_MAX];
    size_t n = span.to - span.from;
    if (n > sizeof(bytes) / 2)
        return;
    memcpy(bytes, text->at + span.from, n);
    n = LLVMFuzzerMutate(bytes, n, sizeof(bytes));
    if (make_room(text, span, n))
        memcpy(text->at + span.from, bytes, n);
}

static void change(struct text *text, struct piece *p)
{
    struct span span = choose(text, p);
    const struct span before = { span.from, span.from };
    switch (below(p, 8)) {
    case 0:
    case 1: /* another one in its place */
        is_name(text, span) ? add_name(p) : add_value(p);
        put(text, span, p);
        break;
    case 2: /* one more before it */
        is_name(text, span) ? add_member(p) : add_value(p);
        add(p, ",");
        put(text, before, p);
        break;
    case 3:
        repeat(text, span, p);
        break;
    case 4:
        nest(text, span, p);
        break;
    case 5:
        leave_out(text, span);
        break;
    case 6:
        mutate_within(text, span);
        break;
    default: /* begin anew */
        add_body(p);
        put(text, (struct span){ 0, text->n }, p);
        break;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    uint8_t bytes[PIECE_MAX];
    struct piece p = { .at = bytes, .max = sizeof(bytes), .random = seed };
    if (size <= fuzz_json_prefix || max_size < PIECE_MAX || below(&p, 4) == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    struct text text = { data + fuzz_json_prefix, size - fuzz_json_prefix,
                         max_size - fuzz_json_prefix };
    change(&text, &p);
    if (fuzz_json_prefix && below(&p, 8) == 0)
        (void)LLVMFuzzerMutate(data, fuzz_json_prefix, fuzz_json_prefix);
    size = fuzz_json_prefix + text.n;
    return size ? size : LLVMFuzzerMutate(data, 1, max_size); /* which may not be empty */
}
