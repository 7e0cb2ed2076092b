/* SPDX-License-Identifier: MIT */
/* Writes to syslog(3), in a file of its own because <syslog.h> defines names that log.h uses. */
#pragma once

/* `program` must outlive syslog_out_close. */
void syslog_out_open(const char *program);
void syslog_out_close(void);

/* Severities are those of RFC 5424: 3 error, 4 warning, 6 informational, 7 debug. */
void syslog_out_line(int severity, const char *line);
