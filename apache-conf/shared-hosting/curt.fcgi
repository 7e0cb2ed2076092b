#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts Curt on shared hosting: Apache's mod_fcgid runs this file, see htaccess. Set the two paths and
# make it executable (chmod 755 curt.fcgi). "exec" matters: Apache must know the pid of the program.
CURT_CONFIG=$HOME/curt/curt.conf
export CURT_CONFIG
exec "$HOME/curt/curt.fcgi"
