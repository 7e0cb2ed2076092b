/* SPDX-License-Identifier: MIT */
/* Looks at the program file with stat(2), and runs the check of a new one. */
#include "runtime/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/slice.h"
#include "os/monotonic.h"

#define EXECUTABLE "/proc/self/exe"

/* The suffix that the kernel appends to the path of a file that was removed or replaced
 * (proc(5)). */
static const char DELETED[] = " (deleted)";

enum {
    WAIT_MS = 10, /* between two looks for the check's end */
    SAID_BYTES = 160,
};

static bool find_file(const char *path, struct file_identity *out)
{
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    *out = file_identity_of(&st);
    return true;
}

static bool find_path(struct program *program)
{
    size_t size = sizeof(program->path);
    if (program->argv[0] && program->argv[0][0] == '/')
        return (size_t)snprintf(program->path, size, "%s", program->argv[0]) < size;
    ssize_t n = readlink(EXECUTABLE, program->path, size);
    if (n <= 0 || (size_t)n >= size)
        return false;
    program->path[n] = '\0';
    size_t kept = (size_t)n - (sizeof(DELETED) - 1);
    if ((size_t)n > sizeof(DELETED) && strcmp(program->path + kept, DELETED) == 0)
        program->path[kept] = '\0';
    return true;
}

bool program_open(struct program *program, char **argv)
{
    *program = (struct program){ .argv = argv, .pause_ms = PROGRAM_RETRY_MIN_MS };
    if (!find_path(program) || !find_file(EXECUTABLE, &program->running))
        return false;
    program->seen = program->running;
    return true;
}

bool program_is_outdated(const struct program *program)
{
    struct file_identity there;
    return find_file(program->path, &there) && !file_identity_is(&there, &program->running);
}

/* --- the check --- */

/* The arguments of this process and --check; NULL when memory is exhausted. */
static char **check_arguments(const struct program *program)
{
    static char check[] = "--check";
    size_t n = 0;
    while (program->argv[n])
        n++;
    char **argv = calloc(n + 2, sizeof(*argv));
    if (!argv)
        return NULL;
    memcpy(argv, program->argv, n * sizeof(*argv));
    argv[n] = check;
    return argv;
}

/* Starts the check with default signals, without the listening socket, and with `said` as its
 * standard error; returns an errno, or 0. */
static int start_check(const struct program *program, int said, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    char **argv = check_arguments(program);
    if (!argv)
        return ENOMEM;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, said, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int number = posix_spawn(pid, program->path, &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    free(argv);
    return number;
}

/* Waits for the check and returns its wait status, -1 on failure; kills it when it takes too
 * long. */
static int await_check(pid_t pid)
{
    int64_t end_us = monotonic_us() + (int64_t)PROGRAM_CHECK_MS * 1000;
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
        if (monotonic_us() > end_us)
            (void)kill(pid, SIGKILL);
        monotonic_sleep_ms(WAIT_MS);
    }
    return ended == pid ? status : -1;
}

static bool program_refuse(int status, int said, struct error *err)
{
    char text[SAID_BYTES];
    ssize_t n = read(said, text, sizeof(text));
    struct slice line = { text, n > 0 ? (size_t)n : 0 };
    line.len = slice_find(line, '\n');
    if (line.len > 0)
        error_set(err, "%.*s", SLICE_ARG(line));
    else if (status >= 0 && WIFSIGNALED(status))
        error_set(err, "its --check was ended by signal %d", WTERMSIG(status));
    else
        error_set(err, "its --check ended with status %d",
                  status >= 0 ? WEXITSTATUS(status) : status);
    return false;
}

static bool passes_check(const struct program *program, struct error *err)
{
    int said[2];
    pid_t pid;
    if (pipe2(said, O_CLOEXEC | O_NONBLOCK) < 0)
        return error_set(err, "pipe: %s", strerror(errno));
    int number = start_check(program, said[1], &pid);
    bool passes = false;
    if (number) {
        error_set(err, "%.120s: %s", program->path, strerror(number));
    } else {
        int status = await_check(pid);
        passes = status == 0 || program_refuse(status, said[0], err);
    }
    close(said[0]);
    close(said[1]);
    return passes;
}

/* --- looking --- */

/* Sets the time of the next check; returns whether this is the file's first refusal. */
static bool note_refusal(struct program *program)
{
    bool first = !program->refusal_reported;
    program->refusal_reported = true;
    program->not_before_ms = monotonic_ms() + program->pause_ms;
    program->pause_ms *= 2;
    if (program->pause_ms > PROGRAM_RETRY_MAX_MS)
        program->pause_ms = PROGRAM_RETRY_MAX_MS;
    return first;
}

enum program_news program_look(struct program *program, int64_t now_ms, struct error *err)
{
    struct file_identity there;
    if (!find_file(program->path, &there) || file_identity_is(&there, &program->running))
        return PROGRAM_SAME;
    if (!file_identity_is(&there, &program->seen)) {
        program->seen = there;
        program->refusal_reported = false;
        program->not_before_ms = 0;
        program->pause_ms = PROGRAM_RETRY_MIN_MS;
        return PROGRAM_SAME;
    }
    if (now_ms < program->not_before_ms)
        return PROGRAM_SAME;
    if (passes_check(program, err))
        return PROGRAM_READY;
    return note_refusal(program) ? PROGRAM_REFUSED : PROGRAM_SAME;
}
