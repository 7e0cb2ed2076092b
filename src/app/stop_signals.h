/* SPDX-License-Identifier: MIT */
/* Handles the signals that stop or wake a worker. */
#pragma once

#include "fcgi/fcgi.h"

/* Installs the handlers: SIGTERM, SIGINT and SIGUSR1 stop `fcgi`, SIGUSR2 ends its wait for a
 * request with FCGI_IDLE; SIGPIPE, SIGHUP and SIGXFSZ are ignored. Unblocks the four handled
 * signals. */
void stop_signals_install(struct fcgi *fcgi);

/* Blocks the three stop signals: they stay pending, over an exec(3) too, until the next install. */
void stop_signals_hold(void);

/* Makes the stop signals have no effect: call it before `fcgi` is closed. */
void stop_signals_forget(void);
