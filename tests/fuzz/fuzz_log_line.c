/* SPDX-License-Identifier: MIT */
/* Lines of access logs: whatever the format and the line are, what is read lies in the line or in
 * the scratch, and nothing is written behind the scratch. The first byte is the kind; then a
 * format, a line break, and lines. */
#include "follow/log_format.h"
#include "fuzz.h"

static char *scratch_of(size_t size)
{
    char *scratch = malloc(size + 1); /* exactly, so that sanitizers see one byte too many */
    MUST(scratch != NULL);
    return scratch;
}

static void check(const struct line_format *format, struct slice line)
{
    size_t room = line.len;
    char *scratch = scratch_of(room);
    struct log_line read = { 0 };
    enum log_verdict verdict = log_parse(format, line, scratch, &read);
    const struct slice slices[] = { read.method, read.target,  read.cache,  read.address,
                                    read.agent,  read.referer, read.country };
    MUST(verdict < LOG_VERDICTS);
    for (size_t i = 0; i < sizeof(slices) / sizeof(slices[0]); i++)
        MUST(fuzz_within(slices[i], line) ||
             fuzz_within(slices[i], (struct slice){ scratch, room }));
    MUST(verdict != LOG_COUNTS || (read.at > 0 && read.status >= 301 && read.status <= 308));
    free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = fuzz_slice(data, size);
    enum log_kind kind = (enum log_kind)(fuzz_byte(&rest) % LOG_KINDS);
    struct slice text = fuzz_until(&rest, '\n');
    struct line_format format;
    struct error err = { "" };
    if (!log_format_compile(&format, kind, text, &err)) {
        MUST(err.text[0] != '\0');
        MUST(log_format_compile(&format, kind, slice_of(""), &err));
    }
    while (rest.len) {
        struct slice line = fuzz_until(&rest, '\n');
        if (!log_format_is_head(&format, line))
            check(&format, line);
    }
    return 0;
}
