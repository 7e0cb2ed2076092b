/* SPDX-License-Identifier: MIT */
/* The prefork parent: one loop that waits for a signal or a deadline and then puts things right. */
#include "runtime/prefork.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/clock.h"
#include "runtime/listen.h"

enum {
    PAUSE_MIN_MS = 100, /* before a worker is replaced that died young; doubles up to the next */
    PAUSE_MAX_MS = 10000,
    YOUNG_MS = 1000,
    DRAIN_MS = 30000, /* how long a worker may take to finish after SIGTERM */
};

struct child {
    pid_t pid;           /* 0: a free place */
    unsigned generation; /* of the configuration it was started with */
    int64_t started_ms;
    int64_t kill_at_ms; /* 0: not asked to go */
};

struct parent {
    const struct prefork *prefork;
    int listen_fd;
    struct child *children; /* one more place than workers: a new one stands beside its old one */
    unsigned n_places;
    unsigned generation;
    int64_t pause_ms; /* before the next worker may be started */
    int64_t start_at_ms;
    bool stopping;
    sigset_t signals;
};

static int64_t now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

static _Noreturn void run_child(struct parent *parent)
{
    const struct prefork *prefork = parent->prefork;
    struct sigaction by_default = { .sa_handler = SIG_DFL };
    sigemptyset(&by_default.sa_mask);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a parent that is killed leaves no orphans */
    for (int signal_number = 1; signal_number < NSIG; signal_number++) {
        if (sigismember(&parent->signals, signal_number) == 1)
            sigaction(signal_number, &by_default, NULL);
    }
    sigprocmask(SIG_UNBLOCK, &parent->signals, NULL);
    _exit(prefork->serve(prefork->context, parent->listen_fd));
}

static void start_child(struct parent *parent, struct child *child)
{
    pid_t pid = fork();
    if (pid == 0)
        run_child(parent);
    if (pid < 0) {
        log_error(parent->prefork->log, "fork_failed", strerror(errno));
        parent->start_at_ms = now_ms() + PAUSE_MAX_MS;
        return;
    }
    *child = (struct child){
        .pid = pid,
        .generation = parent->generation,
        .started_ms = now_ms(),
    };
}

static void ask_to_go(struct child *child)
{
    if (child->kill_at_ms)
        return;
    child->kill_at_ms = now_ms() + DRAIN_MS;
    kill(child->pid, SIGTERM);
}

static unsigned count(const struct parent *parent, bool old)
{
    unsigned n = 0;
    for (unsigned i = 0; i < parent->n_places; i++) {
        const struct child *child = &parent->children[i];
        n += child->pid && (child->generation != parent->generation || child->kill_at_ms) == old;
    }
    return n;
}

static struct child *place(struct parent *parent, pid_t pid)
{
    for (unsigned i = 0; i < parent->n_places; i++) {
        if (parent->children[i].pid == pid)
            return &parent->children[i];
    }
    return NULL;
}

/* A worker that died young was ill: the next one waits, longer each time. */
static void note_end(struct parent *parent, const struct child *child, int status)
{
    const struct log_field fields[] = {
        log_number("pid", child->pid),
        log_number("exit_status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
        log_number("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
    };
    bool asked = child->kill_at_ms != 0;
    bool well = asked || (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
    log_line(parent->prefork->log, well ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "worker_ended", fields,
             sizeof(fields) / sizeof(fields[0]));
    if (asked)
        return;
    if (now_ms() - child->started_ms >= YOUNG_MS) {
        parent->pause_ms = 0;
        return;
    }
    parent->pause_ms = parent->pause_ms ? parent->pause_ms * 2 : PAUSE_MIN_MS;
    if (parent->pause_ms > PAUSE_MAX_MS)
        parent->pause_ms = PAUSE_MAX_MS;
    parent->start_at_ms = now_ms() + parent->pause_ms;
}

static void reap(struct parent *parent)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct child *child = place(parent, pid);
        if (!child)
            continue;
        note_end(parent, child, status);
        *child = (struct child){ 0 };
    }
}

/* Fills up with new workers, then lets one old one go at a time. */
static void keep_up(struct parent *parent)
{
    unsigned old = count(parent, true);
    while (!parent->stopping && now_ms() >= parent->start_at_ms &&
           count(parent, false) < parent->prefork->workers) {
        struct child *child = place(parent, 0);
        if (!child)
            break;
        start_child(parent, child);
        if (!child->pid || old)
            break;
    }
    bool one_goes = false;
    for (unsigned i = 0; i < parent->n_places; i++)
        one_goes |= parent->children[i].pid && parent->children[i].kill_at_ms;
    bool may_go =
        parent->stopping || (!one_goes && count(parent, false) + old > parent->prefork->workers);
    for (unsigned i = 0; i < parent->n_places && may_go; i++) {
        struct child *child = &parent->children[i];
        if (!child->pid || (!parent->stopping && child->generation == parent->generation))
            continue;
        ask_to_go(child);
        may_go = parent->stopping;
    }
}

/* Kills those that had their time, and says how long nothing needs to be done (-1: for ever). */
static int64_t deadlines(struct parent *parent)
{
    int64_t now = now_ms();
    int64_t wait = -1;
    if (!parent->stopping && parent->start_at_ms > now &&
        count(parent, false) < parent->prefork->workers)
        wait = parent->start_at_ms - now;
    for (unsigned i = 0; i < parent->n_places; i++) {
        struct child *child = &parent->children[i];
        if (!child->pid || !child->kill_at_ms)
            continue;
        if (child->kill_at_ms <= now) {
            kill(child->pid, SIGKILL);
            child->kill_at_ms = now + DRAIN_MS;
        }
        if (wait < 0 || child->kill_at_ms - now < wait)
            wait = child->kill_at_ms - now;
    }
    return wait;
}

static void reload(struct parent *parent)
{
    struct error err = { "" };
    if (!parent->prefork->reload(parent->prefork->context, &err)) {
        log_error(parent->prefork->log, "reload_refused", err.text);
        return;
    }
    parent->generation++;
    log_line(parent->prefork->log, LOG_LEVEL_INFO, "reloading", NULL, 0);
}

static void wait_for_signal(struct parent *parent)
{
    int64_t wait_ms = deadlines(parent);
    struct timespec limit = { wait_ms / 1000, wait_ms % 1000 * 1000000 };
    int signal_number = sigtimedwait(&parent->signals, NULL, wait_ms < 0 ? NULL : &limit);
    if (signal_number == SIGHUP && !parent->stopping)
        reload(parent);
    if (signal_number == SIGTERM || signal_number == SIGINT)
        parent->stopping = true;
}

static bool set_up(struct parent *parent, struct error *err)
{
    sigemptyset(&parent->signals);
    const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaddset(&parent->signals, signals[i]);
    sigprocmask(SIG_BLOCK, &parent->signals, NULL);
    parent->n_places = parent->prefork->workers + 1;
    parent->children = calloc(parent->n_places, sizeof(*parent->children));
    if (!parent->children) {
        error_set(err, "out of memory");
        return false;
    }
    parent->listen_fd = listen_open(parent->prefork->listen, err);
    return parent->listen_fd >= 0;
}

int prefork_run(const struct prefork *prefork)
{
    struct parent parent = { .prefork = prefork, .listen_fd = -1 };
    struct error err = { "" };
    bool ready = set_up(&parent, &err);
    if (!ready)
        log_error(prefork->log, "listen_failed", err.text);
    while (ready && (!parent.stopping || count(&parent, true) + count(&parent, false) > 0)) {
        keep_up(&parent);
        wait_for_signal(&parent);
        reap(&parent);
    }
    listen_close(parent.listen_fd, prefork->listen);
    free(parent.children);
    return ready ? EXIT_SUCCESS : EXIT_FAILURE;
}
