#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts Curt on shared hosting: Apache's mod_fcgid runs this file, see htaccess. Set the path to the folder that "make install-hosting" has made, and make the
# file executable (chmod 755 curt.fcgi). "exec" matters: Apache signals the pid it started.
#
# Curt reads curt.conf of its folder. If it shall be another file:
#CURT_CONFIG=/home/me/other.conf
#export CURT_CONFIG
exec /home/me/curt/curt.fcgi
