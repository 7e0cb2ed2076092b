# SPDX-License-Identifier: MIT
"""Apache with the configurations that Curt ships: mod_fcgid, and mod_proxy_fcgi with Curt's own pool."""

import signal
import subprocess

from ..process import Failed, environment, tail
from .base import TOP, Prefork, WebServer


class Apache(WebServer):
    """Apache that spawns the workers by mod_fcgid."""

    default_workers = 16          # see apache-conf/curt-server.conf
    modules = ("mpm_event", "authz_core", "authz_host", "alias", "mime", "env", "setenvif", "rewrite",
               "fcgid", "headers", "proxy", "proxy_fcgi", "reqtimeout")

    def command(self):
        return ["apache2", "-DFOREGROUND", "-f", self.site.place.write(
            f"{self.site.name}.conf", self.configuration())]

    def configuration(self):
        site = self.site
        modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
                            for name in self.modules)
        identity = f"User {self.user.name}\nGroup {self.user.group}" if self.user else ""
        return f"""
{modules}
{identity}
ServerName localhost
Listen 127.0.0.1:{site.port}
PidFile {self.path(".pid")}
ErrorLog {self.error_log}
TypesConfig /dev/null
DefaultRuntimeDir {site.place.path}
FcgidIPCDir {site.place.directory(f"{site.name}-sockets")}
FcgidProcessTableFile {self.path("-processes")}
DocumentRoot {site.place.path}
<Directory />
    AllowOverride None
    Require all denied
</Directory>
Define CURT_FCGI {site.program}
Define CURT_CONFIG {site.config}
Define CURT_MOUNT {site.mount}
Define CURT_WORKERS {site.workers}
Define CURT_PAGES {self.pages}
Define CURT_FILES {site.files}
{self.mount()}
"""

    def mount(self):
        return f"""
Include {TOP}/apache-conf/curt-server.conf
<VirtualHost 127.0.0.1:{self.site.port}>
    Include {TOP}/apache-conf/curt.conf
    Include {TOP}/apache-conf/curt-pages.conf
{self.in_host()}
</VirtualHost>
"""

    def in_host(self):
        return ""

    def warm_up(self):
        """Starts all workers with the script that Curt ships."""
        done = subprocess.run(
            [TOP / "apache-conf" / "curt-warm-up", "--apachectl", f"apache2 -f {self.path('.conf')}",
             f"http://127.0.0.1:{self.site.port}{self.site.mount}healthz"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=environment(), check=False)
        if done.returncode != 0:
            raise Failed(f"{done.stdout}{tail(self.error_log)}")


class CachingApache(Apache):
    """Apache that caches redirects, and logs what the cache has answered to `log`, if that is set."""

    modules = Apache.modules + ("cache", "cache_disk")
    log = None

    @property
    def cache(self):
        return self.path("-cache")

    def in_host(self):
        self.site.place.directory(self.cache.name)
        return f"""
    Define CURT_CACHE {self.cache}
    Define CURT_CACHE_URL http://s.example.org/
    Include {TOP}/apache-conf/curt-cache.conf
""" + (f"""
    Define CURT_LOG "{self.log}"
    Include {TOP}/apache-conf/curt-log.conf
""" if self.log else "")

    def reopen_log(self):
        """A graceful restart; a pipe needs none."""
        if not self.log.startswith("|"):
            self.process.child.send_signal(signal.SIGUSR1)


class ApacheProxy(Prefork, Apache):
    """Apache that passes requests on to Curt's own pool by mod_proxy_fcgi."""

    default_workers = Prefork.default_workers

    def mount(self):
        return f"""
Define CURT_SOCKET {self.socket}
<VirtualHost 127.0.0.1:{self.site.port}>
    Include {TOP}/apache-conf/curt-proxy.conf
    Include {TOP}/apache-conf/curt-pages.conf
</VirtualHost>
"""

    def warm_up(self):
        pass
