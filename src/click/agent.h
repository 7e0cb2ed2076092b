/* SPDX-License-Identifier: MIT */
/* Classifies a User-Agent header: bot or browser, and for a browser its name, the operating system
 * and the class of device. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* The numbers are stored in statistics, so they are never renumbered. */
enum agent_browser {
    BROWSER_OTHER = 0,
    BROWSER_CHROME = 1,
    BROWSER_SAFARI = 2,
    BROWSER_FIREFOX = 3,
    BROWSER_EDGE = 4,
    BROWSER_OPERA = 5,
    BROWSER_SAMSUNG = 6,
    BROWSER_IE = 7,
    BROWSER_WEBVIEW = 8, /* a browser view inside another application */
    BROWSER_N,
};

enum agent_os {
    OS_OTHER = 0,
    OS_WINDOWS = 1,
    OS_MACOS = 2,
    OS_LINUX = 3,
    OS_ANDROID = 4,
    OS_IOS = 5, /* iPadOS too, if the header names it */
    OS_CHROMEOS = 6,
    OS_N,
};

enum agent_device {
    DEVICE_OTHER = 0,
    DEVICE_DESKTOP = 1,
    DEVICE_PHONE = 2,
    DEVICE_TABLET = 3,
    DEVICE_TV = 4,
    DEVICE_N,
};

struct agent {
    bool is_bot; /* the other fields are then 0 */
    enum agent_browser browser;
    enum agent_os os;
    enum agent_device device;
};

enum {
    AGENT_BYTES_MAX = 1024, /* only so many bytes of a longer header are read */
};

/* Classifies a User-Agent header in one pass; allocates nothing. An empty header is a bot, since
 * every browser sends one. */
void agent_classify(struct slice user_agent, struct agent *out);

/* The name of the list that bots are recognised by: "crawler-user-agents 1.60.0", or "generic words
 * only" in a build without that list. */
const char *agent_list(void);

/* "Chrome", "Windows", "desktop"; "other" for 0 and for unknown numbers. */
const char *agent_browser_name(unsigned browser);
const char *agent_os_name(unsigned os);
const char *agent_device_name(unsigned device);
