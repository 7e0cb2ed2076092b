#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts Curt on shared hosting: Apache's mod_fcgid runs this file, see htaccess. Set the path and make the
# file executable (chmod 755 curt.fcgi). "exec" matters: Apache signals the pid it started.
#
# Curt reads etc/curt/curt.conf of the folder that it was built for (/home/me/curt/etc/curt/curt.conf). If it
# shall be another file:
#CURT_CONFIG=/home/me/curt/curt.conf
#export CURT_CONFIG
exec /home/me/curt/libexec/curt/curt.fcgi
