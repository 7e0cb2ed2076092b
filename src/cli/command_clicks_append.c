/* SPDX-License-Identifier: MIT */
/* curtctl clicks append: appends standard input to a log, for servers that log to a pipe. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "follow/log_append.h"

enum {
    APPEND_LOOK_MS = 1000, /* between two looks at the path while there is no input */
    APPEND_LAST_LOOKS = 5, /* without input, after SIGTERM */
};

static volatile sig_atomic_t is_to_end;

static void note_signal(int signal_number)
{
    if (signal_number == SIGTERM)
        is_to_end = 1;
}

/* SIGHUP only ends the wait, since every write looks at the path. SIGTERM does not end the process
 * at once: the server sends it while its own processes may still write to the pipe. */
static void append_heed_signals(void)
{
    struct sigaction action = { .sa_handler = note_signal };
    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Reads what there is. *n = 0 and *is_end at the end of the input; false with a message. */
static bool append_read(struct log_append *append, size_t *n, bool *is_end)
{
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    size_t room;
    char *to = log_append_room(append, &room);
    *n = 0;
    if (poll(&input, 1, APPEND_LOOK_MS) <= 0)
        return true;
    ssize_t got = read(STDIN_FILENO, to, room);
    *is_end = got == 0;
    *n = got > 0 ? (size_t)got : 0;
    if (got >= 0 || errno == EINTR || errno == EAGAIN)
        return true;
    return cli_complain("cannot read standard input: %s", strerror(errno));
}

static enum cli_status append_all(struct log_append *append)
{
    struct error err = { "" };
    bool is_end = false, is_read = true, was_written = true;
    unsigned looks = 0;
    while (!is_end && is_read && looks < APPEND_LAST_LOOKS) {
        size_t n;
        is_read = append_read(append, &n, &is_end);
        bool is_written = log_append_write(append, n, is_end, &err);
        if (!is_written && was_written)
            cli_complain("%s", err.text);
        was_written = is_written;
        looks = is_to_end && n == 0 ? looks + 1 : 0;
    }
    if (append->lost)
        cli_complain("%s: %" PRIu64 " bytes are lost", append->path, append->lost);
    return is_read && was_written && !append->lost ? CLI_OK : CLI_FAILED;
}

enum cli_status command_clicks_append(const struct invocation *invocation,
                                      struct cli_context *context)
{
    struct log_append append;
    struct error err = { "" };
    (void)context;
    append_heed_signals();
    if (!log_append_open(&append, invocation->operands[0], &err))
        return cli_fail(CLI_FAILED, "%s", err.text);
    enum cli_status status = append_all(&append);
    log_append_close(&append);
    return status;
}
