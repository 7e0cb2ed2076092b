/* SPDX-License-Identifier: MIT */
/* Blocks the signals that end a command, and waits for them. */
#include "cli/end_signal.h"

#include <time.h>

void end_signal_block(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
    sigprocmask(SIG_BLOCK, out, NULL);
}

bool end_signal_wait(const sigset_t *signals, int64_t ms)
{
    const struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };
    return sigtimedwait(signals, NULL, &time) > 0;
}
