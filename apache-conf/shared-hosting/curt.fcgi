#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts Curt on shared hosting: Apache's mod_fcgid runs this file, see htaccess. Set the path to the folder that
# "make install-hosting" has made, and make the file executable (chmod 755 curt.fcgi). "exec" is necessary: Apache
# sends signals to the process that it started.
#
# Curt reads curt.conf of its folder. To use another file:
#CURT_CONFIG=/home/me/other.conf
#export CURT_CONFIG
exec /home/me/curt/curt.fcgi
