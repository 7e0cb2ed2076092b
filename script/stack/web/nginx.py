# SPDX-License-Identifier: MIT
"""nginx with the configuration that Curt ships."""

import signal

from .base import TOP, Prefork


class Nginx(Prefork):
    """nginx, which passes requests on to Curt's own pool."""

    stop_signal = signal.SIGQUIT  # finishes current requests

    def command(self):
        return ["nginx", "-p", self.site.place.path, "-e", self.error_log, "-c",
                self.site.place.write(f"{self.site.name}.conf", self.configuration())]

    def configuration(self):
        site = self.site
        identity = f"user {self.user.name} {self.user.group};" if self.user else ""
        scratch = "\n".join(
            f"    {kind}_temp_path {site.place.directory(f'{site.name}-{kind}')};"
            for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        return f"""
daemon off;
{identity}
pid {self.path(".pid")};
error_log {self.error_log};
worker_processes 2;
events {{
    worker_connections 1024;
}}
http {{
    access_log off;
{scratch}
{self.in_http()}
    upstream curt {{
        server unix:{self.socket};
    }}
    server {{
        listen 127.0.0.1:{site.port};
        server_name s.example.org;
        {self.in_server()}
        include {TOP}/nginx-conf/curt-server.conf;
        location ^~ {self.pages}files/ {{
            alias {site.files}/;
            include {TOP}/nginx-conf/curt-pages.conf;
        }}
        location {site.mount} {{
            include {TOP}/nginx-conf/curt-fastcgi.conf;
{self.in_location()}
        }}
    }}
}}
"""

    def in_http(self):
        return ""

    def in_server(self):
        return ""

    def in_location(self):
        return ""


class CachingNginx(Nginx):
    """nginx that caches redirects, and logs what the cache has answered to `log`, if that is set."""

    log = None

    @property
    def cache(self):
        return self.path("-cache")

    def in_http(self):
        self.site.place.directory(self.cache.name)
        return f"""
    fastcgi_cache_path {self.cache} keys_zone=curt:8m max_size=64m inactive=1m use_temp_path=off;
    include {TOP}/nginx-conf/curt-cache-server.conf;
"""

    def in_location(self):
        log = f"access_log {self.log} curt buffer=64k flush=1s if=$curt_was_cached;" if self.log else ""
        return f"            include {TOP}/nginx-conf/curt-cache.conf; {log}"

    def reopen_log(self):
        self.process.child.send_signal(signal.SIGUSR1)
