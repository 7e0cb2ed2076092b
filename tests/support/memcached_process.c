/* SPDX-License-Identifier: MIT */
/* Starting and ending memcached. */
#include "support/memcached_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READY_TRIES = 1000, /* of 10 ms */
};

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

void memcached_processes_init(struct memcached_processes *processes)
{
    char dir[] = "/tmp/curt-memcached-XXXXXX";
    memset(processes, 0, sizeof(*processes));
    if (!mkdtemp(dir))
        die("mkdtemp");
    memcpy(processes->dir, dir, sizeof(dir));
    for (int i = 0; i < MEMCACHED_PROCESSES; i++) {
        snprintf(processes->socket[i], sizeof(processes->socket[i]), "%s/%d", dir, i);
        snprintf(processes->name[i], sizeof(processes->name[i]), "unix:%s/%d", dir, i);
    }
    snprintf(processes->servers, sizeof(processes->servers), "unix:%s/0,unix:%s/1", dir, dir);
}

static bool accepts(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool accepted = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (fd >= 0)
        close(fd);
    return accepted;
}

/* In the child. Writes an error to `report`; nothing is written on success. */
static void run_memcached(const char *path, int report)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char *const as_root[] = { "memcached", "-u", "root", "-s", path,
                                    "-m",        "16", "-t",   "1",  NULL };
    const char *const as_user[] = { "memcached", "-s", path, "-m", "16", "-t", "1", NULL };
    execvp("memcached", (char *const *)(geteuid() == 0 ? as_root : as_user));
    char missing = 'x';
    if (write(report, &missing, 1) != 1)
        _exit(126);
    _exit(127);
}

bool memcached_process_start(struct memcached_processes *processes, int i)
{
    int report[2];
    char missing;
    if (pipe2(report, O_CLOEXEC) < 0)
        die("pipe");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0)
        run_memcached(processes->socket[i], report[1]);
    close(report[1]);
    bool started = read(report[0], &missing, 1) == 0;
    close(report[0]);
    if (!started) {
        waitpid(pid, NULL, 0);
        return false;
    }
    processes->pid[i] = pid;
    for (int n = 0; !accepts(processes->socket[i]); n++) {
        if (n == READY_TRIES || waitpid(pid, NULL, WNOHANG) == pid) {
            fprintf(stderr, "memcached did not come up\n");
            exit(1);
        }
        poll(NULL, 0, 10);
    }
    return true;
}

void memcached_process_stop(struct memcached_processes *processes, int i, int signal)
{
    if (!processes->pid[i])
        return;
    kill(processes->pid[i], signal);
    waitpid(processes->pid[i], NULL, 0);
    processes->pid[i] = 0;
}

void memcached_processes_end(struct memcached_processes *processes)
{
    for (int i = 0; i < MEMCACHED_PROCESSES; i++) {
        memcached_process_stop(processes, i, SIGKILL);
        unlink(processes->socket[i]);
    }
    rmdir(processes->dir);
}
