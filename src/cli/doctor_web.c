/* SPDX-License-Identifier: MIT */
/* curtctl doctor: requests /healthz below base_url through the web server, as visitors do, by curl,
 * which supports TLS and proxies. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor.h"

enum {
    URL_BYTES = 1100,
    ANSWER_BYTES = 1024,
    CURL_MISSING = 127, /* as in a shell */
};

static const char WHAT[] = "web server";

/* curl's output: the body, then the status on a line of its own; or an error. */
struct answer {
    int exit_status;
    char text[ANSWER_BYTES];
};

static pid_t start_curl(const char *url, int out)
{
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char *const environment[] = { path, NULL }; /* no proxy, since visitors use none */
    const char *argv[] = { "curl",        "--silent",       "--show-error", "--max-time", "5",
                           "--write-out", "\n%{http_code}", "--",           url,          NULL };
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -1;
    int error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    if (error == 0)
        error = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -1;
}

/* Reads to the end and keeps the last bytes that fit. */
static void doctor_web_read_all(int fd, char text[ANSWER_BYTES])
{
    enum { HALF = ANSWER_BYTES / 2 };
    size_t len = 0; /* below ANSWER_BYTES */
    for (;;) {
        if (len > HALF) {
            memmove(text, text + len - HALF, HALF);
            len = HALF;
        }
        ssize_t got = read(fd, text + len, HALF - 1);
        if (got <= 0 && !(got < 0 && errno == EINTR))
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    text[len] = '\0';
}

static void doctor_web_ask(const char *url, struct answer *out)
{
    int ends[2];
    int status = 0;
    *out = (struct answer){ .exit_status = CURL_MISSING };
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    pid_t pid = start_curl(url, ends[1]);
    close(ends[1]);
    doctor_web_read_all(ends[0], out->text);
    close(ends[0]);
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
        out->exit_status = WEXITSTATUS(status);
}

void doctor_check_web_server(struct doctor *doctor)
{
    char url[URL_BYTES];
    struct answer answer;
    snprintf(url, sizeof(url), "%s/healthz", doctor->config->server.base_url);
    doctor_web_ask(url, &answer);
    const char *last = strrchr(answer.text, '\n');
    long status = last ? strtol(last, NULL, 10) : 0;
    if (answer.exit_status == CURL_MISSING)
        doctor_report(doctor, diagnosis_warning(WHAT, "install curl, or open that address"),
                      "%s was not requested: curl is not installed", url);
    else if (answer.exit_status != 0)
        doctor_report(doctor,
                      diagnosis_warning(WHAT,
                                        "is the web server running, and does the name resolve to "
                                        "it? Within a private network it may not"),
                      "%s: %.*s", url, (int)strcspn(answer.text, "\n"), answer.text);
    else if (status != 200 || !strstr(answer.text, "\"status\""))
        doctor_report(doctor,
                      diagnosis_wrong(WHAT, "another site answers there, or Curt's workers do "
                                            "not start: see the error log of the web server"),
                      "%s answers with %ld, and not as Curt does", url, status);
    else
        doctor_report(doctor, diagnosis_ok(WHAT), "%s answers", url);
}
