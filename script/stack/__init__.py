# SPDX-License-Identifier: MIT
"""Starts and stops Curt and its servers: MariaDB or MySQL, memcached, web servers with Curt's workers.

Used by script/server and by the end-to-end tests, so that both start servers in the same way. Standard
library only.
"""
