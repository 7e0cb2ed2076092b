/* SPDX-License-Identifier: MIT */
/* Opens listening sockets, unix and TCP. */
#include "runtime/listen_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/number.h"
#include "base/slice.h"

enum {
    MODE_DEFAULT = 0660, /* owner and group: the web server shares the group, or says mode= */
    MODE_MAX = 0777,
};

static const char UNIX[] = "unix:";

struct unix_place {
    struct sockaddr_un address;
    mode_t mode;
    gid_t group;
    bool has_group;
};

static bool fail(struct error *err, const char *what)
{
    return error_set(err, "%.120s: %s", what, strerror(errno));
}

static bool start_listening(int fd, const struct sockaddr *address, socklen_t len)
{
    return bind(fd, address, len) == 0 && listen(fd, SOMAXCONN) == 0;
}

/* --- unix --- */

static bool read_mode(struct slice digits, mode_t *mode)
{
    unsigned value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '7' || value > MODE_MAX)
            return false;
        value = value * 8 + (unsigned)(digits.at[i] - '0');
    }
    *mode = value;
    return digits.len > 0 && value <= MODE_MAX;
}

static bool listen_socket_read_group(struct slice text, gid_t *group)
{
    char name[64];
    if (text.len == 0 || text.len >= sizeof(name))
        return false;
    memcpy(name, text.at, text.len);
    name[text.len] = '\0';
    /* getgrnam(3) is safe here: the parent has no threads. */
    // cppcheck-suppress getgrnamCalled
    const struct group *entry = getgrnam(name);
    if (!entry)
        return false;
    *group = entry->gr_gid;
    return true;
}

static bool read_option(struct unix_place *place, struct slice option)
{
    if (slice_starts_with(option, SLICE("mode=")))
        return read_mode(slice_from(option, strlen("mode=")), &place->mode);
    if (slice_starts_with(option, SLICE("group="))) {
        place->has_group = true;
        return listen_socket_read_group(slice_from(option, strlen("group=")), &place->group);
    }
    return false;
}

static bool read_unix_place(const char *text, struct unix_place *place, struct error *err)
{
    size_t len = strcspn(text, ",");
    *place = (struct unix_place){ .address = { .sun_family = AF_UNIX }, .mode = MODE_DEFAULT };
    if (len == 0 || len >= sizeof(place->address.sun_path))
        return error_set(err, "the path of a unix socket has 1 to %zu bytes",
                         sizeof(place->address.sun_path) - 1);
    memcpy(place->address.sun_path, text, len);
    for (const char *at = text + len; *at == ','; at += len) {
        at++;
        len = strcspn(at, ",");
        if (!read_option(place, (struct slice){ at, len }))
            return error_set(err,
                             "\"%.*s\" is neither mode=OCTAL nor group=NAME of a group there is",
                             (int)(len < 64 ? len : 64), at);
    }
    return true;
}

/* Whether connecting is refused, which means that no process listens. */
static bool is_deserted(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused = fd >= 0 &&
                   connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return refused;
}

/* Removes a socket file on which no process listens. */
static bool remove_stale(const char *path, struct error *err)
{
    struct stat seen;
    if (lstat(path, &seen) != 0)
        return errno == ENOENT || fail(err, path);
    if (!S_ISSOCK(seen.st_mode))
        return error_set(err, "%s exists and is no socket", path);
    if (!is_deserted(path))
        return error_set(err, "another process listens on %s already", path);
    return unlink(path) == 0 || errno == ENOENT || fail(err, path);
}

/* Sets the group of the socket's file, if the path is a socket of this user. */
static bool give_to_group(const char *path, gid_t group)
{
    struct stat st;
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool given = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == geteuid();
    if (given)
        given = fchownat(fd, "", (uid_t)-1, group, AT_EMPTY_PATH) == 0;
    else
        errno = EPERM;
    int number = errno;
    close(fd);
    errno = number;
    return given;
}

/* Binds the socket and listens. The file gets the mode of the socket when it is made, so that no
 * chmod(2) follows a replaced name. No client can connect before the group is set, since the socket
 * does not listen yet. */
static bool bind_unix(int fd, const struct unix_place *place)
{
    const char *path = place->address.sun_path;
    if (fchmod(fd, place->mode) != 0)
        return false;
    mode_t before = umask(0);
    bool bound = bind(fd, (const struct sockaddr *)&place->address, sizeof(place->address)) == 0;
    (void)umask(before);
    return bound && (!place->has_group || give_to_group(path, place->group)) &&
           listen(fd, SOMAXCONN) == 0;
}

/* Stores the device and inode of the socket's file. */
static bool note_file(struct listen_socket *listening, const struct unix_place *place)
{
    struct stat there;
    if (lstat(place->address.sun_path, &there) != 0)
        return false;
    memcpy(listening->path, place->address.sun_path, sizeof(listening->path));
    listening->device = there.st_dev;
    listening->inode = there.st_ino;
    return true;
}

static bool open_unix(struct listen_socket *listening, const char *text, struct error *err)
{
    struct unix_place place;
    if (!read_unix_place(text, &place, err) || !remove_stale(place.address.sun_path, err))
        return false;
    listening->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return (listening->fd >= 0 && bind_unix(listening->fd, &place) &&
            note_file(listening, &place)) ||
           fail(err, place.address.sun_path);
}

/* --- TCP --- */

/* Checks the range, since getaddrinfo(3) accepts more than 65535 and truncates it. */
static bool listen_socket_is_port(const char *text)
{
    uint64_t ignored;
    return number_parse(slice_of(text), UINT16_MAX, &ignored);
}

/* Splits "HOST:PORT", "[IPV6]:PORT" or "PORT" into two strings. */
static bool listen_socket_split_host(const char *text, char host[256], const char **port)
{
    const char *colon = strrchr(text, ':');
    struct slice name = { text, colon ? (size_t)(colon - text) : 0 };
    *port = colon ? colon + 1 : text;
    if (!colon)
        name = SLICE("127.0.0.1");
    if (name.len >= 2 && name.at[0] == '[' && name.at[name.len - 1] == ']')
        name = (struct slice){ name.at + 1, name.len - 2 };
    else if (slice_find(name, ':') < name.len)
        return false;
    if (name.len == 0 || name.len > 255 || !listen_socket_is_port(*port))
        return false;
    memcpy(host, name.at, name.len);
    host[name.len] = '\0';
    return true;
}

static bool open_tcp(struct listen_socket *listening, const char *text, struct error *err)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    char host[256];
    const char *port;
    if (!listen_socket_split_host(text, host, &port))
        return error_set(err, "\"%.100s\" is none of PORT, HOST:PORT, [IPV6]:PORT", text);
    int failed = getaddrinfo(host, port, &hints, &found);
    if (failed)
        return error_set(err, "%.100s: %s", text, gai_strerror(failed));
    int on = 1;
    listening->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = listening->fd >= 0 &&
              setsockopt(listening->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
              start_listening(listening->fd, found->ai_addr, found->ai_addrlen);
    if (!ok)
        fail(err, text);
    freeaddrinfo(found);
    return ok;
}

bool listen_socket_open(struct listen_socket *listening, const char *where, struct error *err)
{
    *listening = (struct listen_socket){ .fd = -1 };
    bool ok = false;
    if (strncmp(where, UNIX, strlen(UNIX)) == 0)
        ok = open_unix(listening, where + strlen(UNIX), err);
    else if (strncmp(where, "tcp:", 4) == 0)
        ok = open_tcp(listening, where + 4, err);
    else
        error_set(err, "\"%.100s\" begins with neither unix: nor tcp:", where);
    if (!ok)
        listen_socket_close(listening);
    return ok;
}

bool listen_socket_adopt(struct listen_socket *listening, const char *where, int fd)
{
    struct unix_place place;
    struct error err;
    int listens = 0;
    socklen_t size = sizeof(listens);
    *listening = (struct listen_socket){ .fd = -1 };
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens)
        return false;
    listening->fd = fd;
    if (strncmp(where, UNIX, strlen(UNIX)) == 0 &&
        read_unix_place(where + strlen(UNIX), &place, &err))
        (void)note_file(listening, &place); /* without it the file is not removed at the end */
    return true;
}

void listen_socket_close(struct listen_socket *listening)
{
    struct stat there;
    if (listening->fd >= 0)
        close(listening->fd);
    if (listening->path[0] && lstat(listening->path, &there) == 0 &&
        there.st_dev == listening->device && there.st_ino == listening->inode &&
        is_deserted(listening->path)) /* inode numbers are reused */
        (void)unlink(listening->path);
    *listening = (struct listen_socket){ .fd = -1 };
}
