#!/bin/sh
# SPDX-License-Identifier: MIT
# What a client is answered whose body does not come within RequestReadTimeout depends on the module that would have
# handed the body on: mod_cgid and mod_proxy_http answer 408, mod_fcgid 500 (and logs "can't get data from http
# client"). Who counts 5xx to find faults of a program finds slow clients of Apache's, too, and a client that would
# send its request again after a 408 does not. Seen in Apache 2.4.71 and mod_fcgid 2.3.9.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch bookworm apache2-bin=2.4.71-1~deb12u1 libapache2-mod-fcgid=1:2.3.9-4
chmod 755 "$tmp"
mkdir "$tmp/www" "$tmp/sockets"
# Never run: each module reads the whole body first.
printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\nhere"\n' >"$tmp/www/program"
chmod 755 "$tmp/www/program"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
{
    printf 'ServerRoot "%s"\nServerName localhost\nListen 127.0.0.1:%s\nPidFile "%s/pid"\nErrorLog "%s/log"\n' \
        "$tmp" "$port" "$tmp" "$tmp"
    for module in mpm_event authz_core alias reqtimeout cgid fcgid proxy proxy_http; do
        printf 'LoadModule %s_module "%s/root/usr/lib/apache2/modules/mod_%s.so"\n' "$module" "$tmp" "$module"
    done
    [ "$(id -u)" != 0 ] || printf 'User nobody\nGroup nogroup\n'
    cat <<CONF
RequestReadTimeout body=1
ScriptSock "$tmp/sockets/cgid"
FcgidIPCDir "$tmp/sockets"
FcgidProcessTableFile "$tmp/sockets/table"
ScriptAlias /cgid "$tmp/www/program"
Alias /fcgid "$tmp/www/program"
ProxyPass /proxy http://127.0.0.1:9/
<Directory "$tmp/www">
    Require all granted
    Options +ExecCGI
</Directory>
<Location /fcgid>
    SetHandler fcgid-script
</Location>
CONF
} >"$tmp/conf"
"$tmp/root/usr/sbin/apache2" -D FOREGROUND -f "$tmp/conf" 2>"$tmp/fault" &
server=$!

# answer PATH: the status of a request whose body stops after 4 of 100 bytes.
answer() {
    python3 - "$port" "$1" <<'EOF'
import socket, sys, time
for _ in range(200):
    try:
        peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
        break
    except ConnectionRefusedError:
        time.sleep(0.02)
peer.sendall(f"POST {sys.argv[2]} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf".encode())
print(peer.makefile("rb").readline().split()[1].decode())
EOF
}

expect "mod_cgid" "$(answer /cgid)" 408
expect "mod_proxy_http" "$(answer /proxy)" 408
expect "mod_fcgid" "$(answer /fcgid)" 500
exit "$changed"
