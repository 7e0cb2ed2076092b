/* SPDX-License-Identifier: MIT */
/* Writes lines with syslog(3). */
#include "runtime/syslog_out.h"

#include <syslog.h>

void syslog_out_open(const char *program)
{
    openlog(program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void syslog_out_close(void)
{
    closelog();
}

void syslog_out_line(int severity, const char *line)
{
    syslog(severity, "%s", line);
}
