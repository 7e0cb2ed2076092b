/* SPDX-License-Identifier: MIT */
/* curtctl doctor: requests /healthz below base_url through the web server, as visitors do, by curl,
 * which supports TLS and proxies; sends a body that is longer than some web servers take; and
 * requests a file of the pages. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "web/pages_files.h"

enum {
    URL_BYTES = 1100,
    ANSWER_BYTES = 1024,
    CURL_MISSING = 127, /* as in a shell */
    ARGUMENTS_MAX = 16,
    LARGE_BODY = 128 * 1024 + 1, /* mod_fcgid's FcgidMaxRequestLen, as it comes, and a byte */
};

static const char WHAT[] = "web server";

/* curl's output: the body, then the status on a line of its own; or an error. */
struct answer {
    int exit_status;
    char text[ANSWER_BYTES];
};

/* A request, and what curl does: `body` is a descriptor of what is sent, or -1. */
struct request {
    const char *url;
    int body;
};

/* Writes curl's arguments. */
static void curl_arguments(const struct request *request, const char *argv[ARGUMENTS_MAX])
{
    static const char *const common[] = { "curl", "--silent",    "--show-error",   "--max-time",
                                          "5",    "--write-out", "\n%{http_code}", NULL };
    static const char *const sends[] = { "--data-binary", "@-", "--header",
                                         "Content-Type: application/json", NULL };
    size_t n = 0;
    for (size_t i = 0; common[i]; i++)
        argv[n++] = common[i];
    for (size_t i = 0; request->body >= 0 && sends[i]; i++)
        argv[n++] = sends[i];
    argv[n++] = "--";
    argv[n++] = request->url;
    argv[n] = NULL;
}

static pid_t start_curl(const struct request *request, int out)
{
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char *const environment[] = { path, NULL }; /* no proxy, since visitors use none */
    const char *argv[ARGUMENTS_MAX];
    curl_arguments(request, argv);
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -1;
    int error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    if (error == 0 && request->body >= 0)
        error = posix_spawn_file_actions_adddup2(&actions, request->body, STDIN_FILENO);
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

static void doctor_web_ask(const struct request *request, struct answer *out)
{
    int ends[2];
    int status = 0;
    *out = (struct answer){ .exit_status = CURL_MISSING };
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    pid_t pid = start_curl(request, ends[1]);
    close(ends[1]);
    doctor_web_read_all(ends[0], out->text);
    close(ends[0]);
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
        out->exit_status = WEXITSTATUS(status);
}

static long status_of(const struct answer *answer)
{
    const char *last = strrchr(answer->text, '\n');
    return last ? strtol(last, NULL, 10) : 0;
}

/* Sends a bulk request that Curt refuses, without a key, whatever its length; so if the answer is
 * not Curt's, the web server takes no such length. */
static void check_large_body(struct doctor *doctor)
{
    static const char what[] = "large bodies";
    char url[URL_BYTES];
    struct answer answer;
    int body = memfd_create("body", MFD_CLOEXEC);
    snprintf(url, sizeof(url), "%s/api/v1/urls/bulk", doctor->config->server.base_url);
    if (body >= 0 && ftruncate(body, LARGE_BODY) == 0) {
        doctor_web_ask(&(struct request){ url, body }, &answer);
        if (answer.exit_status != 0 || !strstr(answer.text, "\"request_id\""))
            doctor_warning(doctor, what,
                           "send bulk requests of at most 100 KiB, as www/curt.js "
                           "does; or let the web server take more, by "
                           "FcgidMaxRequestLen of Apache, for example",
                           "the web server answers %ld to a body of %d bytes, before Curt sees it",
                           status_of(&answer), LARGE_BODY);
        else
            doctor_ok(doctor, what, "the web server passes on %d bytes", LARGE_BODY);
    }
    if (body >= 0)
        close(body);
}

/* Requests a file of the pages, which the web server sends itself. */
static void check_pages(struct doctor *doctor)
{
    static const char what[] = "pages";
    char url[URL_BYTES];
    struct answer answer;
    if (PAGES_FILES[0].role == PAGES_END)
        return;
    snprintf(url, sizeof(url), "%s%s/files/%s", doctor->config->server.base_url,
             doctor->config->pages.path, PAGES_FILES[0].name);
    doctor_web_ask(&(struct request){ url, -1 }, &answer);
    if (answer.exit_status == 0 && status_of(&answer) == 200)
        doctor_ok(doctor, what, "the web server sends their files");
    else
        doctor_warning(doctor, what,
                       "include curt-pages.conf in the web server's "
                       "configuration, with the path of the pages, or copy "
                       "curt-files beside .htaccess: docs/web-servers.md",
                       "%s answers with %ld: browsers show no pages", url, status_of(&answer));
}

void doctor_check_web_server(struct doctor *doctor)
{
    char url[URL_BYTES];
    struct answer answer;
    snprintf(url, sizeof(url), "%s/healthz", doctor->config->server.base_url);
    doctor_web_ask(&(struct request){ url, -1 }, &answer);
    long status = status_of(&answer);
    if (answer.exit_status == CURL_MISSING)
        doctor_warning(doctor, WHAT, "install curl, or open that address",
                       "%s was not requested: curl is not installed", url);
    else if (answer.exit_status != 0)
        doctor_warning(doctor, WHAT,
                       "is the web server running, and does the name resolve to "
                       "it? Within a private network it may not",
                       "%s: %.*s", url, (int)strcspn(answer.text, "\n"), answer.text);
    else if (status != 200 || !strstr(answer.text, "\"status\""))
        doctor_wrong(doctor, WHAT,
                     "another site answers there, or Curt's workers do "
                     "not start: see the error log of the web server",
                     "%s answers with %ld, and not as Curt does", url, status);
    else {
        doctor_ok(doctor, WHAT, "%s answers", url);
        check_large_body(doctor);
        check_pages(doctor);
    }
}
