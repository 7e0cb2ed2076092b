#!/home/me/curt/curt.fcgi
# SPDX-License-Identifier: MIT
# Starts Curt by plain CGI on shared hosting, see htaccess-cgi: the first line names the program of the folder that
# "make install-hosting" has made. No shell is started, which saves time. Set that path, and
# make this file executable (chmod 755 curt.cgi). The path may have 250 bytes, and no spaces.
#
# Curt reads curt.conf of its folder. To use another file, use curt.fcgi, beside this one, instead.
