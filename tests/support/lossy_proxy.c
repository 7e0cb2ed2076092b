/* SPDX-License-Identifier: MIT */
/* One process that serves one connection at a time; the bytes of one read from the client are one
 * request. */
#include "support/lossy_proxy.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CHUNK = 65536,
};

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    return address;
}

static bool pass_on(int from, int to)
{
    char bytes[CHUNK];
    ssize_t n = read(from, bytes, sizeof(bytes));
    return n > 0 && send(to, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

/* Whether this request is the one to cut; then does so. */
static bool cut_here(struct lossy_plan *plan, int client, int server)
{
    if (++plan->requests != plan->cut_at)
        return false;
    plan->cuts++;
    if (plan->answered) {
        struct pollfd answer = { .fd = server, .events = POLLIN };
        pass_on(client, server);
        poll(&answer, 1, 5000);
    }
    return true;
}

/* Until either side ends; true when the connection is to stay open without a word. */
static bool serve(struct lossy_plan *plan, int client, int server)
{
    struct pollfd ends[] = { { .fd = client, .events = POLLIN },
                             { .fd = server, .events = POLLIN } };
    for (;;) {
        poll(ends, 2, -1);
        if (ends[0].revents) {
            if (cut_here(plan, client, server))
                return plan->keep_open;
            if (!pass_on(client, server))
                return false;
        }
        if (ends[1].revents && !pass_on(server, client))
            return false;
    }
}

static _Noreturn void run(struct lossy_plan *plan, int listener, const char *server_socket)
{
    struct sockaddr_un address = address_of(server_socket);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        int server = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(server, (struct sockaddr *)&address, sizeof(address)) == 0 &&
            serve(plan, client, server))
            continue;
        close(client);
        close(server);
    }
}

void lossy_proxy_start(struct lossy_proxy *proxy, const char *socket_path,
                       const char *server_socket)
{
    snprintf(proxy->socket, sizeof(proxy->socket), "%s", socket_path);
    proxy->plan =
        mmap(NULL, sizeof(*proxy->plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct sockaddr_un address = address_of(socket_path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (proxy->plan == MAP_FAILED ||
        bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 16) != 0)
        abort();
    proxy->pid = fork();
    if (proxy->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(proxy->plan, listener, server_socket);
    }
    close(listener);
}

void lossy_proxy_stop(struct lossy_proxy *proxy)
{
    kill(proxy->pid, SIGKILL);
    waitpid(proxy->pid, NULL, 0);
    munmap(proxy->plan, sizeof(*proxy->plan));
    unlink(proxy->socket);
}

void lossy_proxy_plan(struct lossy_proxy *proxy, int cut_at, bool answered, bool keep_open)
{
    *proxy->plan =
        (struct lossy_plan){ .cut_at = cut_at, .answered = answered, .keep_open = keep_open };
}
