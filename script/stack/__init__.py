# SPDX-License-Identifier: MIT
"""Starts and stops what Curt runs on: MariaDB or MySQL, memcached, web servers with Curt's workers.

script/server and the end-to-end tests both use it, so that there is one way to start things. Standard
library only.
"""
