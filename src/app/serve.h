/* SPDX-License-Identifier: MIT */
/* What curt.fcgi does with its command line. */
#pragma once

/* Serves as the options say: from descriptor 0 when a web server spawned us, by our own prefork
 * parent with --listen. Returns the exit status: 0 done, 1 failed, 2 usage. */
int serve_main(int argc, char **argv);
