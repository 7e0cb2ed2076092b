/* SPDX-License-Identifier: MIT */
/* Runs curt.fcgi according to its command line. */
#pragma once

/* Serves on descriptor 0 when a web server spawned the process, or as a prefork parent with
 * --listen; serves one request as CGI. Returns the exit status: 0 success, 1 failure, 2 usage
 * error. */
int serve_main(int argc, char **argv);
