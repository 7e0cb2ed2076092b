/* SPDX-License-Identifier: MIT */
/* The kinds of access logs, and which of their lines count. */
#include "follow/log_line.h"

static const char *const log_kind_names[LOG_KINDS] = {
    [LOG_NGINX] = "nginx",       [LOG_APACHE] = "apache",         [LOG_VARNISH] = "varnish",
    [LOG_LIGHTTPD] = "lighttpd", [LOG_CLOUDFLARE] = "cloudflare", [LOG_CLOUDFRONT] = "cloudfront",
    [LOG_FASTLY] = "fastly",
};

const char *log_kind_name(enum log_kind kind)
{
    return kind < LOG_KINDS ? log_kind_names[kind] : "unknown";
}

enum log_kind log_kind_of(struct slice name)
{
    for (int kind = 0; kind < LOG_KINDS; kind++) {
        if (slice_eq(name, slice_of(log_kind_names[kind])))
            return (enum log_kind)kind;
    }
    return LOG_KINDS;
}

/* The words by which a cache says that it answered by itself; with a '*' at the end, how such texts
 * begin. An answer that the cache had confirmed (nginx's REVALIDATED, CloudFront's RefreshHit) is
 * not among them: a worker was asked, and has counted. */
enum {
    HIT_WORDS = 8,
};
static const char *const log_hit_words[LOG_KINDS][HIT_WORDS] = {
    [LOG_NGINX] = { "HIT", "STALE", "UPDATING" },
    [LOG_APACHE] = { "cache hit*" },
    [LOG_VARNISH] = { "hit", "streaming-hit" },
    [LOG_LIGHTTPD] = { "HIT", "HIT *", "cache hit*" },
    [LOG_CLOUDFLARE] = { "hit", "stale", "updating" },
    [LOG_CLOUDFRONT] = { "Hit", "OriginShieldHit" },
    [LOG_FASTLY] = { "HIT", "HIT-CLUSTER*", "HIT-STALE*", "HIT-WAIT*", "HIT-REMOTE*" },
};

static bool is_hit(enum log_kind kind, struct slice cache)
{
    const char *const *words = log_hit_words[kind];
    for (int i = 0; i < HIT_WORDS && words[i]; i++) {
        struct slice word = slice_of(words[i]);
        struct slice begin = cache;
        if (word.at[word.len - 1] == '*') {
            word.len--;
            begin.len = begin.len < word.len ? begin.len : word.len;
        }
        if (slice_eq_nocase(begin, word))
            return true;
    }
    return false;
}

static bool is_redirect(unsigned status)
{
    return status == 302 || status == 301 || status == 303 || status == 307 || status == 308;
}

enum log_verdict log_judge(enum log_kind kind, const struct log_line *line)
{
    if (!is_redirect(line->status))
        return LOG_NO_REDIRECT;
    if (!is_hit(kind, line->cache))
        return LOG_ASKED;
    if (!slice_eq(line->method, SLICE("GET")) || line->is_prefetch)
        return LOG_NO_VISIT;
    return line->at > 0 ? LOG_COUNTS : LOG_UNREADABLE;
}
