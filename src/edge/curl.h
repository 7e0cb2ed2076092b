/* SPDX-License-Identifier: MIT */
/* Runs the program curl beside this one. It knows TLS, proxies and everything else that has to be
 * kept up to date; a worker links none of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"

enum {
    CURL_TIME_MS = 30000,     /* after which it is killed */
    CURL_OUTPUT_BYTES = 4096, /* that are read of what it prints, */
};

/* A running curl. `pid` 0: none runs. */
struct curl_run {
    pid_t pid;
    int output; /* a file in memory with what it prints and complains of */
    int64_t end_ms;
};

enum curl_state {
    CURL_RUNS,
    CURL_ENDED,
    CURL_FAILED,
};

/* Starts it with a configuration (curl --config), which it reads from its standard input, so that
 * no list of processes shows it. `now_ms` is monotonic. False with the reason. */
bool curl_start(struct curl_run *run, struct slice configuration, int64_t now_ms,
                struct error *err);

/* Looks whether it has ended, and sets *n to the number of bytes that it has printed, of which the
 * first are in `output`. CURL_FAILED with the reason: it could not be run, or was killed. */
enum curl_state curl_poll(struct curl_run *run, int64_t now_ms, char output[CURL_OUTPUT_BYTES],
                          size_t *n, struct error *err);

/* Ends it, if it runs. */
void curl_stop(struct curl_run *run);
