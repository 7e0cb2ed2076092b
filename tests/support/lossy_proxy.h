/* SPDX-License-Identifier: MIT */
/* A unix socket in front of a server that can cut the connection at any request: before the request
 * reaches the server, or after the server has answered and before the answer comes back. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* What the test and the proxy's process share. */
struct lossy_plan {
    volatile int cut_at;     /* the how manieth request from now is cut; 0: none */
    volatile bool answered;  /* the server gets the request, the client not the answer */
    volatile bool keep_open; /* says nothing more instead of hanging up */
    volatile int requests;   /* since the plan was made */
    volatile int cuts;
};

struct lossy_proxy {
    char socket[104];
    pid_t pid;
    struct lossy_plan *plan;
};

void lossy_proxy_start(struct lossy_proxy *proxy, const char *socket, const char *server_socket);
void lossy_proxy_stop(struct lossy_proxy *proxy);

/* From now on: cuts the connection at request `cut_at`, once. */
void lossy_proxy_plan(struct lossy_proxy *proxy, int cut_at, bool answered, bool keep_open);
