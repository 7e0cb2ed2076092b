/* SPDX-License-Identifier: MIT */
/* Reads files of the time zone database. */
#include "files/zone_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/ascii.h"

/* Whether the name has only bytes that names of zones have, and no empty part. */
static bool zone_name_is_sound(struct slice name)
{
    bool begins = true; /* a part of the name */
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool letter = ascii_is_letter(c) || ascii_is_digit(c);
        if (c == '/' ? begins : !letter && c != '_' && c != '+' && c != '-')
            return false;
        begins = c == '/';
    }
    return name.len <= ZONE_NAME_MAX && !begins;
}

/* Reads a whole file of at most ZONE_FILE_MAX bytes; an empty slice if that fails. */
static struct slice zone_read_file(const char *path, struct arena *arena)
{
    char *bytes = arena_alloc(arena, ZONE_FILE_MAX);
    int fd = bytes ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
    ssize_t n = fd >= 0 ? read(fd, bytes, ZONE_FILE_MAX) : -1;
    if (fd >= 0)
        close(fd);
    return (struct slice){ bytes, n > 0 ? (size_t)n : 0 };
}

bool zone_find(struct slice name, struct arena *arena, struct zone *out, struct error *why)
{
    char path[sizeof(ZONE_DIRECTORY) + 1 + ZONE_NAME_MAX];
    if (zone_parse_offset(name, out))
        return true;
    if (!zone_name_is_sound(name))
        return error_set(why, "is not a name of a time zone, such as Europe/Berlin");
    (void)snprintf(path, sizeof(path), "%s/%.*s", ZONE_DIRECTORY, SLICE_ARG(name));
    if (zone_parse(zone_read_file(path, arena), arena, out))
        return true;
    return error_set(why, access(ZONE_DIRECTORY "/Etc/UTC", R_OK) == 0
                              ? "is not a time zone that this system knows"
                              : "cannot be looked up: the package tzdata is not installed");
}
