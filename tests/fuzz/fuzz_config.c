/* SPDX-License-Identifier: MIT */
/* Configuration files: each is loaded, or refused with a reason, and every value can be printed. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "runtime/config.h"

static void show(void *context, const char *section, const char *key, const char *value,
                 const char *source)
{
    unsigned *n = context;
    MUST(section && key && value && source);
    ++*n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[40];
    struct error err = { "" };
    int fd = memfd_create("curt.conf", MFD_CLOEXEC);
    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct config *config = config_load(path, &err);
    if (config) {
        unsigned keys = 0;
        config_walk(config, show, &keys);
        MUST(keys > 0);
    } else {
        MUST(err.text[0] != '\0');
    }
    config_free(&config);
    MUST(close(fd) == 0);
    return 0;
}
