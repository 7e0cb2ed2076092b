/* SPDX-License-Identifier: MIT */
/* The empty responder: a constant 302 through libfcgi as it comes, and nothing else. What FastCGI
 * through a web server costs anybody.
 *
 * It takes the command line of curt.fcgi, so that it can be started in its place: without --listen
 * it answers on descriptor 0; with --listen unix:PATH --workers N it starts N processes on that
 * socket. Everything else is passed over. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcgiapp.h>

enum {
    BACKLOG = 511,
    WORKERS_MAX = 512,
};

static int serve(int listening)
{
    FCGX_Request request;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, listening, 0) != 0)
        return EXIT_FAILURE;
    while (FCGX_Accept_r(&request) == 0) {
        FCGX_PutS("Status: 302 Found\r\nLocation: https://example.com/\r\n\r\n", request.out);
        FCGX_Finish_r(&request);
    }
    return EXIT_SUCCESS;
}

/* The child ends with its parent, however that ends. */
static void start_worker(int listening)
{
    pid_t parent = getpid();
    if (fork() != 0)
        return;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    _exit(serve(listening));
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    long workers = 1;
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--listen") == 0 && strncmp(argv[i + 1], "unix:", 5) == 0)
            path = argv[i + 1] + 5;
        else if (strcmp(argv[i], "--workers") == 0)
            workers = strtol(argv[i + 1], NULL, 10);
    }
    if (!path)
        return serve(0);
    int listening = FCGX_OpenSocket(path, BACKLOG);
    if (listening < 0 || workers < 1 || workers > WORKERS_MAX)
        return EXIT_FAILURE;
    for (long i = 0; i < workers; i++)
        start_worker(listening);
    (void)signal(SIGTERM, SIG_DFL);
    while (wait(NULL) > 0)
        ;
    return EXIT_FAILURE;
}
