# SPDX-License-Identifier: MIT
"""nginx with the configuration that Curt ships."""

import signal

from .base import TOP, Prefork


class Nginx(Prefork):
    """Hands requests to the workers of Curt's own parent."""

    stop_signal = signal.SIGQUIT  # finishes the requests at hand

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
    upstream curt {{
        server unix:{self.socket};
    }}
    server {{
        listen 127.0.0.1:{site.port};
        include {TOP}/nginx-conf/curt-server.conf;
        location {site.mount} {{
            include {TOP}/nginx-conf/curt-fastcgi.conf;
        }}
    }}
}}
"""
