/* SPDX-License-Identifier: MIT */
/* Starts curl, and looks whether it has ended. */
#include "edge/curl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

enum {
    CURL_MISSING = 127, /* as in a shell */
};

/* A file in memory with the text, from whose beginning it is read. */
static int memory_file(const char *name, struct slice text)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t written = text.len ? write(fd, text.at, text.len) : 0;
    if (written == (ssize_t)text.len && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -1;
}

/* All signals are blocked in the thread that starts it, and have their default action in curl. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigemptyset(&none);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    return error ? error : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
}

static int spawn(struct curl_run *run, int input)
{
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", name[] = "curl", quiet[] = "-q",
         option[] = "--config", standard[] = "-";
    char *const environment[] = { path, NULL };
    char *const argv[] = { name, quiet, option, standard, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    int error = set_signals(&attributes);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, run->output, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, run->output, STDERR_FILENO);
    if (!error)
        error = posix_spawnp(&run->pid, name, &actions, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

bool curl_start(struct curl_run *run, struct slice configuration, int64_t now_ms, struct error *err)
{
    *run = (struct curl_run){ .output = memory_file("curl-output", (struct slice){ NULL, 0 }),
                              .end_ms = now_ms + CURL_TIME_MS };
    int input = memory_file("curl-config", configuration);
    int error = run->output < 0 || input < 0 ? errno : spawn(run, input);
    if (input >= 0)
        close(input);
    if (!error)
        return true;
    if (run->output >= 0)
        close(run->output);
    run->pid = 0;
    return error_set(err, "curl cannot be started: %s",
                     error == ENOENT ? "it is not installed" : strerror(error));
}

enum curl_state curl_poll(struct curl_run *run, int64_t now_ms, char output[CURL_OUTPUT_BYTES],
                          size_t *n, struct error *err)
{
    int status = 0;
    pid_t ended = waitpid(run->pid, &status, WNOHANG);
    if (ended == 0 && now_ms < run->end_ms)
        return CURL_RUNS;
    if (ended == 0) {
        curl_stop(run);
        error_set(err, "curl has not ended after %d seconds", CURL_TIME_MS / 1000);
        return CURL_FAILED;
    }
    ssize_t got = pread(run->output, output, CURL_OUTPUT_BYTES, 0);
    *n = got > 0 ? (size_t)got : 0;
    close(run->output);
    run->pid = 0;
    if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == CURL_MISSING) {
        error_set(err, "curl was killed, or cannot be run");
        return CURL_FAILED;
    }
    return CURL_ENDED;
}

void curl_stop(struct curl_run *run)
{
    if (run->pid <= 0)
        return;
    kill(run->pid, SIGKILL);
    while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    close(run->output);
    run->pid = 0;
}
