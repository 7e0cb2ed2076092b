/* SPDX-License-Identifier: MIT */
/* The signal handlers of a worker, and the file-scope variable that the stop handler needs. */
#include "app/stop_signals.h"

#include <assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static struct fcgi *_Atomic serving;

static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "a signal handler may only use lock-free atomics");

static void on_stop(int signal_number)
{
    (void)signal_number;
    struct fcgi *fcgi = atomic_load(&serving);
    if (fcgi)
        fcgi_stop(fcgi);
}

static void on_wake(int signal_number)
{
    (void)signal_number;
}

enum {
    STOPS = 3,
};

static const int stops[STOPS] = { SIGTERM, SIGINT, SIGUSR1 };

static sigset_t all_stops(void)
{
    sigset_t all;
    sigemptyset(&all);
    for (size_t i = 0; i < STOPS; i++)
        sigaddset(&all, stops[i]);
    return all;
}

void stop_signals_install(struct fcgi *fcgi)
{
    atomic_store(&serving, fcgi);
    struct sigaction stop = { .sa_handler = on_stop }; /* without SA_RESTART: accept must end */
    struct sigaction wake = { .sa_handler = on_wake };
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigset_t all = all_stops();
    sigemptyset(&stop.sa_mask);
    sigemptyset(&wake.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGUSR2, &wake, NULL);
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore,
              NULL); /* write(2) then fails with EFBIG, handled like a full disk */
    sigaddset(&all, SIGUSR2);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
}

void stop_signals_hold(void)
{
    sigset_t all = all_stops();
    sigprocmask(SIG_BLOCK, &all, NULL);
}

void stop_signals_forget(void)
{
    atomic_store(&serving, NULL);
}
