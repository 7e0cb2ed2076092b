/* SPDX-License-Identifier: MIT */
/* The signals that ask a worker to go. */
#pragma once

#include "fcgi/fcgi.h"

/* From now on SIGTERM, SIGINT and SIGUSR1 stop `fcgi`, SIGUSR2 ends its wait for a request with
 * FCGI_IDLE, and SIGPIPE and SIGHUP are ignored. Unblocks them, too. */
void stop_signals_install(struct fcgi *fcgi);

/* From now on they stay pending, over an exec(3) too, until the next install. */
void stop_signals_hold(void);

/* From now on they do nothing: call it before `fcgi` is closed. */
void stop_signals_forget(void);
