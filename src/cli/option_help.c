/* SPDX-License-Identifier: MIT */
/* The table of lines. */
#include "cli/option_help.h"

#include <stddef.h>
#include <string.h>

/* The first line that fits counts: of a command, of all whose first word it is, of any (NULL). */
static const struct {
    const char *words;
    const char *option;
    const char *help;
} LINES[] = {
    { "link add", "owner", "the user who owns the link; without it admins alone can change it" },
    { "link add", "reuse", "print an equal link of the owner's instead, if there is one" },
    { "link edit", "owner", "the user who owns the link from now on" },
    { "link list", "owner", "the links of this user alone" },
    { "link list", "tag", "the links with this tag alone" },
    { "link list", "limit", "at most so many, 1 to 1000 (default: 20)" },
    { "link list", "search", "an alias, or the host of the long URL, begins so" },
    { "link list", "state", "the links in this state; may be given several times" },
    { "link list", "oldest", "the oldest first" },
    { "link", "url", "where it leads" },
    { "link", "alias", "a code of your own; an edit adds it to those that there are" },
    { "link", "expires", "when it ends, like 2027-01-01T00:00:00Z" },
    { "link", "ttl", "how long from now until it ends, like 90s, 24h, 30d or 2w" },
    { "link", "starts", "when it begins, like 2027-01-01T00:00:00Z" },
    { "link", "max-clicks", "how often it redirects" },
    { "link", "status", "of the redirect: 301, 302, 303, 307 or 308" },
    { "link", "forward-query", "append the visitor's query to the long URL" },
    { "link", "no-forward-query", "do not" },
    { "link", "title", "a title; '' takes it away" },
    { "link", "tag", "a tag; may be given several times, and replaces all that there were" },
    { "link", "no-tags", "no tags" },
    { "key create", "user", "whose key it is; a new user is made" },
    { "key create", "role", "of a new user (default: user)" },
    { "key create", "scope", "what the key may do (default: manage)" },
    { "key create", "expires-at", "from when on it is refused, like 2027-01-01T00:00:00Z" },
    { "key create", "ttl", "how long from now it is valid, like 24h, 90d or 52w" },
    { "key create", "name", "what the key is for, to know it again in the list" },
    { "key list", "user", "the keys of this user alone" },
    { "user rm", "give-links-to", "the user who gets the links, with their clicks" },
    { "user rm", "delete-links", "delete the links, with their clicks" },
    { "user policy", "default-ttl", "how long links live that name no end, like 30d" },
    { "user policy", "max-ttl", "the longest life that a link may have, like 365d" },
    { "export", "owner", "the links of this user alone" },
    { "export", "spreadsheet",
      "with csv: for a spreadsheet, so that no text is taken for a formula" },
    { "import", "owner", "the user who owns the links, whomever the file names" },
    { "import", "make-users", "make the users who are not there, with role user and no key" },
    { NULL, "format", "how the file is written (default: csv if its name says so, else jsonl)" },
    { "stats", "from", "the unit that this time is in is the first; a time or a date" },
    { "stats", "to", "the unit that this time is in is the last" },
    { "stats", "unit", "the length of a bar (default: day)" },
    { "stats", "by", "of referrer, country, browser, os and device, with commas (default: all)" },
    { "stats", "limit", "so many values of each dimension, 1 to 200 (default: 10)" },
    { "stats", "csv", "print a table, one row a fact" },
    { "purge", "share", "work so much of the time, 1 to 100 (default: 50)" },
    { NULL, "schema", "the folder of the migrations (default: where Curt is installed)" },
};

static bool begins_with_words(const char *words, const char *first)
{
    size_t len = strlen(first);
    return strncmp(words, first, len) == 0 && (words[len] == '\0' || words[len] == ' ');
}

const char *option_help(const char *words, struct slice option)
{
    for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
        if (slice_eq(slice_of(LINES[i].option), option) &&
            (!LINES[i].words || begins_with_words(words, LINES[i].words)))
            return LINES[i].help;
    }
    return NULL;
}
