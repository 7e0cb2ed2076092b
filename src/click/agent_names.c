/* SPDX-License-Identifier: MIT */
/* The names of browsers, operating systems and devices in statistics. */
#include "click/agent.h"

static const char *const BROWSERS[BROWSER_N] = {
    [BROWSER_OTHER] = "other",     [BROWSER_CHROME] = "Chrome", [BROWSER_SAFARI] = "Safari",
    [BROWSER_FIREFOX] = "Firefox", [BROWSER_EDGE] = "Edge",     [BROWSER_OPERA] = "Opera",
    [BROWSER_SAMSUNG] = "Samsung", [BROWSER_IE] = "IE",         [BROWSER_WEBVIEW] = "WebView",
};

static const char *const SYSTEMS[OS_N] = {
    [OS_OTHER] = "other",       [OS_WINDOWS] = "Windows", [OS_MACOS] = "macOS",
    [OS_LINUX] = "Linux",       [OS_ANDROID] = "Android", [OS_IOS] = "iOS",
    [OS_CHROMEOS] = "ChromeOS",
};

static const char *const DEVICES[DEVICE_N] = {
    [DEVICE_OTHER] = "other",   [DEVICE_DESKTOP] = "desktop", [DEVICE_PHONE] = "phone",
    [DEVICE_TABLET] = "tablet", [DEVICE_TV] = "TV",
};

const char *agent_browser_name(unsigned browser)
{
    return BROWSERS[browser < BROWSER_N ? browser : BROWSER_OTHER];
}

const char *agent_os_name(unsigned os)
{
    return SYSTEMS[os < OS_N ? os : OS_OTHER];
}

const char *agent_device_name(unsigned device)
{
    return DEVICES[device < DEVICE_N ? device : DEVICE_OTHER];
}
