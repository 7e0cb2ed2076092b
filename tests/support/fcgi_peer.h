/* SPDX-License-Identifier: MIT */
/* The web server's side of FastCGI for tests: requests record by record, and a worker that answers
 * them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    PEER_MAX_BODY = 4096,     /* max_body of the worker */
    PEER_DEADLINE_MS = 20000, /* nothing a test waits for takes longer, unless it is broken */
};

/* Bytes of records; grows by itself, freed by bytes_free. */
struct bytes {
    unsigned char *at;
    size_t len;
    size_t size;
};

void bytes_add(struct bytes *bytes, const void *at, size_t len);
void bytes_free(struct bytes *bytes);

/* One record of any kind. */
void bytes_record(struct bytes *bytes, unsigned type, unsigned id, const void *content, size_t len);
/* The same with padding. */
void bytes_padded_record(struct bytes *bytes, unsigned type, unsigned id, struct bytes content,
                         unsigned padding);
/* A begin record for a responder. */
void bytes_begin(struct bytes *bytes, unsigned id, bool keep);
/* A name-value pair, to be the content of a record. */
void bytes_pair(struct bytes *bytes, const char *name, const char *value);

/* What a request is made of; NULL content_length: the true one. */
struct asking {
    const char *method; /* NULL: GET */
    const char *target;
    const char *content_length;
    const char *body;
    size_t body_len;
    bool keep;
};

/* A whole request, id 1. */
void bytes_request(struct bytes *bytes, const struct asking *asking);

/* A worker in a process of its own. It answers with what it read, "GET /a large=0 broken=0 BODY";
 * "/fds" with how many descriptors it has open, "/big" with 4 MiB, "/204" and the like with that
 * status. */
struct worker {
    pid_t pid;
    int listen_fd;
    bool is_tcp;
    unsigned short port;
    char path[108];
};

/* Returns once it answers. */
void worker_start(struct worker *worker, bool is_tcp, unsigned read_timeout_ms);
/* Does not ask it anything; connections wait until it accepts them. */
void worker_start_unasked(struct worker *worker, bool is_tcp, unsigned read_timeout_ms);
int worker_connect(const struct worker *worker);
/* Asks it to stop; fails the test unless it ends by itself, with status 0. */
void worker_stop(struct worker *worker);
/* Waits for its end. */
void worker_wait(struct worker *worker);
/* Open descriptors of the worker. */
int worker_fds(const struct worker *worker);

/* What came back until the end record of request 1, or the end of the connection. */
struct answer {
    bool ended;   /* there was an end record */
    bool hung_up; /* the connection ended */
    unsigned protocol_status;
    char *text; /* what stdout said, NUL-terminated; freed by answer_free */
    size_t len;
};

void peer_send(int fd, struct bytes bytes);
struct answer peer_receive(int fd);
void answer_free(struct answer *answer);

/* Exactly `len` bytes. */
void peer_receive_bytes(int fd, unsigned char *out, size_t len);
/* Fails the test unless the other side closes. */
void peer_expect_end(int fd);

/* Sends `bytes` on a new connection and gives the answer. */
struct answer peer_exchange(const struct worker *worker, struct bytes bytes);
/* Fails the test unless a plain request is answered as it should. */
void peer_expect_alive(const struct worker *worker);
