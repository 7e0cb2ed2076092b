/* SPDX-License-Identifier: MIT */
/* Compiling the formats of access logs. */
#include "follow/log_format.h"

#include "base/ascii.h"

/* The cookie of all text formats: what a click needs, and what makes lines differ. */
const char *log_format_default(enum log_kind kind)
{
    static const char *const formats[LOG_KINDS] = {
        [LOG_NGINX] = "$msec $remote_addr $request_method \"$request_uri\" $status "
                      "$upstream_cache_status \"$http_user_agent\" \"$http_referer\" \"$http_dnt\" "
                      "\"$http_sec_gpc\" \"$http_sec_purpose\" \"$http_purpose\" \"$http_x_moz\" "
                      "$connection.$connection_requests",
        [LOG_APACHE] = "%{usec}t %a \"%r\" %>s \"%{cache-status}e\" \"%{User-Agent}i\" "
                       "\"%{Referer}i\" \"%{DNT}i\" \"%{Sec-GPC}i\" \"%{Sec-Purpose}i\" "
                       "\"%{Purpose}i\" \"%{X-Moz}i\" %{c}p.%{remote}p.%k",
        [LOG_VARNISH] = "%{%s}t %h %m \"%U%q\" %s %{Varnish:hitmiss}x \"%{User-Agent}i\" "
                        "\"%{Referer}i\" \"%{DNT}i\" \"%{Sec-GPC}i\" \"%{Sec-Purpose}i\" "
                        "\"%{Purpose}i\" \"%{X-Moz}i\" %{Varnish:vxid}x",
        [LOG_LIGHTTPD] = "%{usec}t %h \"%r\" %s \"%{X-Cache}o\" \"%{User-Agent}i\" \"%{Referer}i\" "
                         "\"%{DNT}i\" \"%{Sec-GPC}i\" \"%{Sec-Purpose}i\" \"%{Purpose}i\" "
                         "\"%{X-Moz}i\" %{remote}p",
        [LOG_CLOUDFLARE] = "time=EdgeStartTimestamp method=ClientRequestMethod "
                           "target=ClientRequestURI status=EdgeResponseStatus "
                           "cache=CacheCacheStatus address=ClientIP agent=ClientRequestUserAgent "
                           "referer=ClientRequestReferer country=ClientCountry "
                           "dnt=RequestHeaders.dnt gpc=RequestHeaders.sec-gpc "
                           "purpose=RequestHeaders.sec-purpose",
        [LOG_CLOUDFRONT] = "",
        [LOG_FASTLY] = "time=time method=method target=target status=status cache=cache "
                       "address=address agent=agent referer=referer country=country dnt=dnt "
                       "gpc=gpc purpose=purpose",
    };
    return kind < LOG_KINDS ? formats[kind] : "";
}

/* --- what the servers call things --- */

struct known {
    const char *name;
    enum line_field field;
};

static enum line_field look_up(const struct known *known, struct slice name)
{
    for (; known->name; known++) {
        if (slice_eq_nocase(name, slice_of(known->name)))
            return known->field;
    }
    return LOG_FIELD_IGNORED;
}

/* The field of a request's header, as nginx ("sec_gpc") or the others ("Sec-GPC") write it. */
static enum line_field field_of_header(struct slice name)
{
    static const struct known headers[] = {
        { "user-agent", LOG_FIELD_AGENT },     { "user_agent", LOG_FIELD_AGENT },
        { "referer", LOG_FIELD_REFERER },      { "dnt", LOG_FIELD_PRIVATE },
        { "sec-gpc", LOG_FIELD_PRIVATE },      { "sec_gpc", LOG_FIELD_PRIVATE },
        { "sec-purpose", LOG_FIELD_PREFETCH }, { "sec_purpose", LOG_FIELD_PREFETCH },
        { "purpose", LOG_FIELD_PREFETCH },     { "x-moz", LOG_FIELD_PREFETCH },
        { "x_moz", LOG_FIELD_PREFETCH },       { "cf-ipcountry", LOG_FIELD_COUNTRY },
        { "cf_ipcountry", LOG_FIELD_COUNTRY }, { NULL, LOG_FIELD_IGNORED },
    };
    return look_up(headers, name);
}

static enum line_field field_of_variable(struct slice name)
{
    static const struct known variables[] = {
        { "msec", LOG_FIELD_TIME },
        { "time_iso8601", LOG_FIELD_TIME },
        { "time_local", LOG_FIELD_TIME },
        { "request_method", LOG_FIELD_METHOD },
        { "request_uri", LOG_FIELD_TARGET },
        { "request", LOG_FIELD_REQUEST },
        { "status", LOG_FIELD_STATUS },
        { "upstream_cache_status", LOG_FIELD_CACHE },
        { "sent_http_x_cache", LOG_FIELD_CACHE },
        { "remote_addr", LOG_FIELD_ADDRESS },
        { "geoip_country_code", LOG_FIELD_COUNTRY },
        { NULL, LOG_FIELD_IGNORED },
    };
    if (slice_starts_with(name, SLICE("http_")))
        return field_of_header(slice_from(name, 5));
    return look_up(variables, name);
}

/* A directive "%{name}letter" of Apache, Varnish and lighttpd. */
static enum line_field field_of_directive(struct slice name, char letter)
{
    static const struct known extended[] = {
        { "cache-status", LOG_FIELD_CACHE },
        { "X-Cache", LOG_FIELD_CACHE },
        { "Varnish:hitmiss", LOG_FIELD_CACHE },
        { "Varnish:handling", LOG_FIELD_CACHE },
        { NULL, LOG_FIELD_IGNORED },
    };
    static const struct known letters[] = {
        { "h", LOG_FIELD_ADDRESS }, { "a", LOG_FIELD_ADDRESS }, { "t", LOG_FIELD_TIME },
        { "m", LOG_FIELD_METHOD },  { "U", LOG_FIELD_TARGET },  { "r", LOG_FIELD_REQUEST },
        { "s", LOG_FIELD_STATUS },  { "q", LOG_FIELD_QUERY },   { NULL, LOG_FIELD_IGNORED },
    };
    if (letter == 'i')
        return field_of_header(name);
    if (letter == 'e' || letter == 'o' || letter == 'x')
        return look_up(extended, name);
    for (const struct known *known = letters; known->name; known++) {
        if (known->name[0] == letter)
            return known->field;
    }
    return LOG_FIELD_IGNORED;
}

/* --- the two languages --- */

/* What a format continues with: text, then a variable unless it is the end. */
struct log_token {
    struct slice text;
    enum line_field field;
    bool has_field;
    bool is_broken;
};

static bool is_name_byte(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '_';
}

/* "$name" or "${name}"; returns the format after it. */
static struct slice read_variable(struct slice rest, struct log_token *token)
{
    bool in_braces = rest.len > 1 && rest.at[1] == '{';
    struct slice name = slice_from(rest, in_braces ? 2 : 1);
    size_t len = 0;
    while (len < name.len && is_name_byte(name.at[len]))
        len++;
    token->is_broken = len == 0 || (in_braces && (len == name.len || name.at[len] != '}'));
    token->field = field_of_variable((struct slice){ name.at, len });
    return slice_from(name, len + in_braces);
}

/* "%>s", "%{name}i"; returns the format after it. "%U%q" is one field. */
static struct slice read_directive(struct slice rest, struct log_token *token)
{
    struct slice name = { NULL, 0 };
    rest = slice_from(rest, 1);
    while (rest.len && !ascii_is_letter(rest.at[0]) && rest.at[0] != '{')
        rest = slice_from(rest, 1);
    if (rest.len && rest.at[0] == '{') {
        size_t end = slice_find(rest, '}');
        name = (struct slice){ rest.at + 1, end - 1 };
        rest = slice_from(rest, end + 1);
    }
    token->is_broken = rest.len == 0 || !ascii_is_letter(rest.at[0]);
    if (token->is_broken)
        return rest;
    token->field = field_of_directive(name, rest.at[0]);
    rest = slice_from(rest, 1);
    if (token->field == LOG_FIELD_TARGET && slice_starts_with(rest, SLICE("%q")))
        rest = slice_from(rest, 2);
    return rest;
}

static struct log_token read_token(enum log_kind kind, struct slice *rest)
{
    size_t text = slice_find(*rest, kind == LOG_NGINX ? '$' : '%');
    struct log_token token = { .text = { rest->at, text }, .has_field = text < rest->len };
    *rest = slice_from(*rest, text);
    if (token.has_field)
        *rest = kind == LOG_NGINX ? read_variable(*rest, &token) : read_directive(*rest, &token);
    return token;
}

static bool log_format_add(struct line_format *out, const struct log_token *token,
                           struct error *err)
{
    if (token->is_broken)
        return error_set(err, "the log format is not understood after field %u", out->n);
    if (out->n == 0)
        out->before = token->text;
    else
        out->parts[out->n - 1].after = token->text;
    if (!token->has_field)
        return true;
    if (out->n > 0 && token->text.len == 0)
        return error_set(err, "nothing separates the fields %u and %u of the log format", out->n,
                         out->n + 1);
    if (out->n == LOG_PARTS_MAX)
        return error_set(err, "the log format has more than %d fields", LOG_PARTS_MAX);
    out->parts[out->n++] = (struct log_part){ .field = token->field };
    return true;
}

static bool compile_text(struct line_format *out, struct slice text, struct error *err)
{
    do {
        struct log_token token = read_token(out->kind, &text);
        if (!log_format_add(out, &token, err))
            return false;
    } while (text.len);
    return true;
}

/* --- members --- */

static enum line_field field_of_key(struct slice key)
{
    static const struct known keys[] = {
        { "time", LOG_FIELD_TIME },       { "method", LOG_FIELD_METHOD },
        { "target", LOG_FIELD_TARGET },   { "status", LOG_FIELD_STATUS },
        { "cache", LOG_FIELD_CACHE },     { "address", LOG_FIELD_ADDRESS },
        { "agent", LOG_FIELD_AGENT },     { "referer", LOG_FIELD_REFERER },
        { "country", LOG_FIELD_COUNTRY }, { "dnt", LOG_FIELD_PRIVATE },
        { "gpc", LOG_FIELD_PRIVATE },     { "purpose", LOG_FIELD_PREFETCH },
        { NULL, LOG_FIELD_IGNORED },
    };
    return look_up(keys, key);
}

static bool compile_members(struct line_format *out, struct slice text, struct error *err)
{
    while ((text = slice_strip(text)).len) {
        size_t end = slice_find(text, ' '), equals = slice_find(text, '=');
        if (equals >= end || equals + 1 == end || out->n == LOG_PARTS_MAX)
            return error_set(err, "the log format is not a list of at most %d \"key=Member\"",
                             LOG_PARTS_MAX);
        struct slice key = { text.at, equals };
        enum line_field field = field_of_key(key);
        if (field == LOG_FIELD_IGNORED)
            return error_set(err, "\"%.*s\" is no key of a log format", SLICE_ARG(key));
        out->parts[out->n++] =
            (struct log_part){ field, { text.at + equals + 1, end - equals - 1 } };
        text = slice_from(text, end);
    }
    return true;
}

/* --- both --- */

static bool has_field(const struct line_format *format, enum line_field field)
{
    for (unsigned i = 0; i < format->n; i++) {
        if (format->parts[i].field == field)
            return true;
    }
    return false;
}

static bool is_complete(const struct line_format *format, struct error *err)
{
    bool has_request = has_field(format, LOG_FIELD_REQUEST);
    const char *missing = NULL;
    if (!has_field(format, LOG_FIELD_TIME))
        missing = "time";
    else if (!has_request && !has_field(format, LOG_FIELD_METHOD))
        missing = "method";
    else if (!has_request && !has_field(format, LOG_FIELD_TARGET))
        missing = "target";
    else if (!has_field(format, LOG_FIELD_STATUS))
        missing = "status";
    else if (!has_field(format, LOG_FIELD_CACHE))
        missing = "answer of the cache";
    if (missing)
        error_set(err, "the log format lacks the %s", missing);
    return !missing;
}

bool log_format_compile(struct line_format *out, enum log_kind kind, struct slice text,
                        struct error *err)
{
    *out = (struct line_format){ .kind = kind };
    if (text.len == 0)
        text = slice_of(log_format_default(kind));
    if (text.len > LOG_FORMAT_MAX)
        return error_set(err, "the log format has more than %d bytes", LOG_FORMAT_MAX);
    if (kind == LOG_CLOUDFRONT)
        return true;
    bool has_members = kind == LOG_CLOUDFLARE || kind == LOG_FASTLY;
    bool is_read = has_members ? compile_members(out, text, err) : compile_text(out, text, err);
    return is_read && is_complete(out, err);
}
