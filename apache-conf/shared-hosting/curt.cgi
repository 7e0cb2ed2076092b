#!/home/me/curt/curt.fcgi
# SPDX-License-Identifier: MIT
# Starts Curt by plain CGI on shared hosting, see htaccess-cgi: the first line names the program of the folder that
# "make install-hosting" has made; no shell is started, which would take a tenth of the time. Set that path, and
# make this file executable (chmod 755 curt.cgi). The path may have 250 bytes, and no blanks.
#
# Curt reads curt.conf of its folder. If it shall be another file, take curt.fcgi, beside this one, in place of it.
