/* SPDX-License-Identifier: MIT */
/* The table of help lines. */
#include "cli/option_help.h"

#include <stddef.h>
#include <string.h>

/* The first row that matches is used: that of a command, of all commands with its first word, of
 * any command (NULL). */
static const struct {
    const char *words;
    const char *option;
    const char *help;
} LINES[] = {
    { "link add", "owner", "the owner; without one only admins can change the link" },
    { "link add", "reuse", "print an equal link of the owner instead, if there is one" },
    { "link", "force", "take reserved and short aliases, and blocked destinations" },
    { "link edit", "owner", "the new owner" },
    { "link lower", "dry-run", "change nothing; count, and report conflicts" },
    { "link list", "owner", "only links of this user" },
    { "link list", "tag", "only links with this tag" },
    { "link list", "limit", "at most this many, 1 to 1000 (default: 20)" },
    { "link list", "search", "only links whose alias, host or words of the title begin so" },
    { "link list", "state", "only links in this state; may be given several times" },
    { "link list", "oldest", "the oldest first: --order created" },
    { "link list", "order", "created, clicks or expires, with a - before it from the end" },
    { "link qr", "format", "svg (the default) or png" },
    { "link qr", "size", "pixels of a side, up to 1000 (default: 300)" },
    { "link qr", "level", "how much may be damaged: L, M (the default), Q or H" },
    { "link qr", "margin", "light modules at each side, up to 16 (default: 4)" },
    { "link qr", "dark", "the colour of dark modules, like 1a2b3c (default: 000000)" },
    { "link qr", "light", "the colour of light modules (default: ffffff)" },
    { "link qr", "logo", "with the logo of the configuration; the level is H" },
#define LINK_OPTION(name, field, usage, help) { "link", name, help },
#include "cli/link_options.def"
    { "key create", "user", "the key's user; created if it does not exist" },
    { "key create", "role", "of a new user (default: user)" },
    { "key create", "scope", "what the key may do (default: manage)" },
    { "key create", "expires-at", "when the key expires, like 2027-01-01T00:00:00Z" },
    { "key create", "ttl", "how long the key is valid, like 24h, 90d or 52w" },
    { "key create", "name", "a name that identifies the key in the list" },
    { "key create", "sign-in", "print a link, too, that signs a browser in once" },
    { "key list", "user", "only keys of this user" },
    { "user rm", "give-links-to", "the user who gets the links, with their clicks" },
    { "user rm", "delete-links", "delete the links, with their clicks" },
    { "user policy", "default-ttl", "lifetime of links without an end, like 30d" },
    { "user policy", "max-ttl", "longest lifetime of a link, like 365d" },
    { "clicks follow", "once", "read what the logs have, and end; for cron" },
    { "edge purge", "once", "end when the caches were told of all changes; for cron" },
    { "export", "owner", "only links of this user" },
    { "export", "spreadsheet",
      "with csv: escape text that a spreadsheet would take for a formula" },
    { "import", "owner", "the owner of all links, in place of those in the file" },
    { "import", "make-users", "create missing users, with the role user and no key" },
    { "import", "format", "format of the file (default: by how it begins)" },
    { "import", "map", "what the columns of a CSV file are, such as slug=code,dest=long_url" },
    { "import", "delimiter", "delimiter of a CSV file: , ; | or tab (default: by its first line)" },
    { "import", "time-zone", "time zone of times without one, such as Europe/Berlin" },
    { "import", "date-order", "whether 03/04/2026 is day and month, or month and day" },
    { "import", "skip-unknown", "pass over unknown columns" },
    { "import", "spreadsheet", "take off the apostrophes of export --spreadsheet" },
    { "import", "dry-run", "write nothing; report what an import would do" },
    { "import", "force", "take links to blocked domains" },
    { "import", "quiet", "print no line for each row that is not taken" },
    { NULL, "format", "format of the file (default: csv if its name ends so, else jsonl)" },
    { "stats", "from", "a time or date in the first unit" },
    { "stats", "to", "a time or date in the last unit" },
    { "stats", "unit", "unit of the series (default: day)" },
    { "stats", "tz", "time zone of the series, such as Europe/Berlin (default: UTC)" },
    { "stats", "by", "list of referrer, country, browser, os, device (default: all)" },
    { "stats", "limit", "most values of each dimension, 1 to 200 (default: 10)" },
    { "stats", "csv", "print CSV" },
    { "sequence", "at", "the first id of the part (split: default: the middle)" },
    { "sequence give", "drop-rest", "even if the other sequence loses ids by it" },
    { "sequence skip", "by", "ids to leave out (default: 1000000)" },
    { "purge", "share", "percent of the time to spend, 1 to 100 (default: 50)" },
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
