/* SPDX-License-Identifier: MIT */
/* The prefork parent. Its signals are blocked and read from a signalfd, so that none interrupts
 * it. */
#include "runtime/prefork.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/monotonic.h"
#include "runtime/children.h"
#include "runtime/handover.h"
#include "runtime/listen_socket.h"

struct parent {
    const struct prefork *prefork;
    struct listen_socket listening;
    struct children children;
    bool was_handed; /* the socket and workers were handed over by the program that this process ran
                        before */
    sigset_t mask_before; /* restored in the children */
    int signal_fd;
    int64_t looked_ms; /* when it last looked for another program */
    int started[2]; /* a pipe through which children report their process id when they have started
                     */
};

/* The environment variable with the writing end of that pipe, for a child. */
static const char STARTED_VARIABLE[] = "CURT_STARTED_FD";

static const int SIGNALS[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };

static void note(const struct parent *parent, enum log_level level, const char *event,
                 struct log_field field)
{
    log_line(parent->prefork->log, level, event, &field, 1);
}

static bool set_up_signals(struct parent *parent)
{
    struct sigaction plain = { .sa_handler = SIG_DFL };
    struct sigaction ignored = { .sa_handler = SIG_IGN };
    sigset_t signals;
    sigemptyset(&plain.sa_mask);
    sigemptyset(&ignored.sa_mask);
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++) {
        sigaddset(&signals, SIGNALS[i]);
        /* A signalfd does not receive ignored signals, and with SIGCHLD ignored exit statuses are
         * lost. */
        (void)sigaction(SIGNALS[i], &plain, NULL);
    }
    /* The reader of the log may end: go on without it. */
    (void)sigaction(SIGPIPE, &ignored, NULL);
    (void)sigprocmask(SIG_BLOCK, &signals, &parent->mask_before);
    for (size_t i = 0; parent->was_handed && i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++)
        sigdelset(&parent->mask_before, SIGNALS[i]); /* blocked by the previous program */
    parent->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return parent->signal_fd >= 0 && pipe2(parent->started, O_CLOEXEC | O_NONBLOCK) == 0;
}

/* --- children --- */

/* Runs in a child: restores the defaults of all signals, and has SIGTERM sent to it when its parent
 * ends. */
static _Noreturn void run_child(const struct parent *parent, pid_t parent_pid)
{
    const struct prefork *prefork = parent->prefork;
    char started_fd[16];
    snprintf(started_fd, sizeof(started_fd), "%d", parent->started[1]);
    (void)setenv(STARTED_VARIABLE, started_fd, 1);
    close(parent->started[0]);
    close(parent->signal_fd);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)sigprocmask(SIG_SETMASK, &parent->mask_before, NULL);
    if (getppid() != parent_pid)
        _exit(EXIT_SUCCESS); /* the parent ended before prctl(2) took effect */
    exit(prefork->serve(prefork->context, parent->listening.fd));
}

static void start_child(struct parent *parent)
{
    pid_t parent_pid = getpid();
    (void)fflush(NULL); /* else the child would write buffered text again */
    pid_t pid = fork();
    if (pid == 0)
        run_child(parent, parent_pid);
    if (pid > 0 && children_add(&parent->children, pid, monotonic_ms())) {
        note(parent, LOG_LEVEL_DEBUG, "worker_started", log_number("pid", pid));
        return;
    }
    if (pid > 0)
        (void)kill(pid, SIGTERM);
    log_error(parent->prefork->log, "fork_failed", strerror(errno));
    parent->children.not_before_ms = monotonic_ms() + CHILDREN_PAUSE_MAX_MS / 10;
}

static void note_end(struct parent *parent, pid_t pid, int status, bool early)
{
    bool by_signal = WIFSIGNALED(status);
    struct log_field fields[] = {
        log_number("pid", pid),
        log_number(by_signal ? "signal" : "status",
                   by_signal ? WTERMSIG(status) : WEXITSTATUS(status)),
        log_number("pause_ms", parent->children.not_before_ms - monotonic_ms()),
    };
    bool bad = by_signal || WEXITSTATUS(status) != 0;
    log_line(parent->prefork->log, bad ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG, "worker_ended", fields,
             early ? 3 : 2);
}

static void reap(struct parent *parent)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        bool failed = WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
        bool early;
        if (children_remove(&parent->children, pid, failed, monotonic_ms(), &early))
            note_end(parent, pid, status, early);
    }
}

/* Takes the steps that are due; sets *wait_ms to the time until the next one, -1: none before a
 * signal. */
static bool look_after_children(struct parent *parent, int64_t *wait_ms)
{
    for (;;) {
        struct child *child;
        switch (children_next(&parent->children, monotonic_ms(), &child, wait_ms)) {
        case CHILDREN_START:
            start_child(parent);
            break;
        case CHILDREN_ASK:
            (void)kill(child->pid, SIGTERM);
            child->asked_at_ms = monotonic_ms();
            break;
        case CHILDREN_KILL:
            note(parent, LOG_LEVEL_ERROR, "worker_killed", log_number("pid", child->pid));
            (void)kill(child->pid, SIGKILL);
            child->killed = true;
            break;
        case CHILDREN_WAIT:
            return true;
        case CHILDREN_NONE:
            return false;
        }
    }
}

/* --- signals --- */

static void prefork_reload(struct parent *parent)
{
    const struct prefork *prefork = parent->prefork;
    struct error err = { "" };
    if (parent->children.wanted == 0)
        return;
    if (prefork->reload && !prefork->reload(prefork->context, &err)) {
        log_error(prefork->log, "reload_refused", err.text);
        return;
    }
    parent->children.generation++;
    parent->children.failures = 0;
    parent->children.not_before_ms = 0;
    note(parent, LOG_LEVEL_INFO, "reloaded", log_number("workers", parent->children.wanted));
}

static void take_signal(struct parent *parent, int number)
{
    switch (number) {
    case SIGTERM:
    case SIGINT:
        if (parent->children.wanted)
            note(parent, LOG_LEVEL_INFO, "stopping", log_number("signal", number));
        parent->children.wanted = 0;
        break;
    case SIGHUP:
        prefork_reload(parent);
        break;
    default: /* SIGCHLD: children are reaped in every round */
        break;
    }
}

/* Waits for signals and for reports of children, and handles them. */
static void wait_for_news(struct parent *parent, int64_t wait_ms)
{
    struct pollfd news[] = { { parent->signal_fd, POLLIN, 0 }, { parent->started[0], POLLIN, 0 } };
    struct signalfd_siginfo info;
    pid_t pid;
    (void)poll(news, 2, (int)wait_ms);
    while (read(parent->signal_fd, &info, sizeof(info)) == sizeof(info))
        take_signal(parent, (int)info.ssi_signo);
    while (read(parent->started[0], &pid, sizeof(pid)) == sizeof(pid))
        children_started(&parent->children, pid);
}

/* --- another program --- */

/* Executes the new program; returns only on failure. */
static void prefork_hand_over(struct parent *parent)
{
    const struct program *program = parent->prefork->program;
    note(parent, LOG_LEVEL_INFO, "program_replaced", log_text("path", slice_of(program->path)));
    if (handover_give(parent->listening.fd, &parent->children))
        (void)execv(program->path, program->argv);
    log_error(parent->prefork->log, "program_refused", strerror(errno));
    handover_revoke(parent->listening.fd);
}

/* Looks for another program once a second, unless the parent is stopping. */
static void prefork_look_for_program(struct parent *parent)
{
    struct error err;
    int64_t now = monotonic_ms();
    if (!parent->prefork->program || parent->children.wanted == 0 ||
        now - parent->looked_ms < PROGRAM_LOOK_MS)
        return;
    parent->looked_ms = now;
    switch (program_look(parent->prefork->program, now, &err)) {
    case PROGRAM_READY:
        prefork_hand_over(parent);
        break;
    case PROGRAM_REFUSED:
        log_error(parent->prefork->log, "program_refused", err.text);
        break;
    case PROGRAM_SAME:
        break;
    }
}

static int64_t wait_at_most(const struct parent *parent, int64_t wait_ms)
{
    bool long_wait = wait_ms < 0 || wait_ms > PROGRAM_LOOK_MS;
    return parent->prefork->program && long_wait ? PROGRAM_LOOK_MS : wait_ms;
}

static void prefork_supervise(struct parent *parent)
{
    int64_t wait_ms;
    note(parent, LOG_LEVEL_INFO, "listening", log_text("on", slice_of(parent->prefork->listen)));
    while (look_after_children(parent, &wait_ms)) {
        wait_for_news(parent, wait_at_most(parent, wait_ms));
        reap(parent);
        prefork_look_for_program(parent);
    }
    note(parent, LOG_LEVEL_INFO, "stopped", log_number("status", EXIT_SUCCESS));
}

static void close_all(struct parent *parent)
{
    const int fds[] = { parent->signal_fd, parent->started[0], parent->started[1] };
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    children_free(&parent->children);
    listen_socket_close(&parent->listening);
}

/* Takes the socket that was handed over, or opens one. */
static bool listen_where(struct parent *parent, struct error *err)
{
    const char *where = parent->prefork->listen;
    int fd = handover_take(&parent->children, monotonic_ms());
    parent->was_handed = fd >= 0 && listen_socket_adopt(&parent->listening, where, fd);
    return parent->was_handed || listen_socket_open(&parent->listening, where, err);
}

int prefork_run(const struct prefork *prefork)
{
    struct parent parent = { .prefork = prefork,
                             .children = { .wanted = prefork->workers },
                             .signal_fd = -1,
                             .started = { -1, -1 } };
    struct error err = { "" };
    if (!listen_where(&parent, &err)) {
        log_error(prefork->log, "listen_failed", err.text);
        return EXIT_FAILURE;
    }
    bool ready = set_up_signals(&parent);
    if (ready)
        prefork_supervise(&parent);
    else
        log_error(prefork->log, "prefork_failed", strerror(errno));
    close_all(&parent);
    (void)sigprocmask(SIG_SETMASK, &parent.mask_before, NULL);
    return ready ? EXIT_SUCCESS : EXIT_FAILURE;
}

void prefork_tell_started(void)
{
    const char *text = getenv(STARTED_VARIABLE);
    pid_t pid = getpid();
    if (!text)
        return;
    int fd = (int)strtol(text, NULL, 10);
    ssize_t wrote = write(fd, &pid, sizeof(pid)); /* a pipe write of this size is atomic */
    (void)wrote;
    close(fd);
    (void)unsetenv(STARTED_VARIABLE);
}
