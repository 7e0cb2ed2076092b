# SPDX-License-Identifier: MIT
"""The three web servers, each with the configuration files that Curt ships, and Curt's workers."""

from .apache import Apache, ApacheProxy, CachingApache
from .base import TOP, Prefork, Site, WebServer, check_port, free_port
from .lighttpd import Lighttpd
from .nginx import CachingNginx, Nginx
from .varnish import Varnish

SERVERS = {"lighttpd": Lighttpd, "apache": Apache, "nginx": Nginx}

__all__ = ["SERVERS", "TOP", "Apache", "ApacheProxy", "CachingApache", "CachingNginx", "Lighttpd", "Nginx",
           "Prefork", "Site", "Varnish", "WebServer", "check_port", "free_port"]
