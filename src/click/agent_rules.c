/* SPDX-License-Identifier: MIT */
/* The rules, in the order in which they are tried. Order matters, because a browser also names the
 * browsers from which it is derived or with which it claims to be compatible. */
#include "click/agent_rules.h"

#include <stddef.h>

#include "click/agent_table.h"

#define T(name)     AGENT_BIT(TOKEN_##name)
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Matches if all tokens of `has` were found and none of `lacks`. */
struct rule {
    uint32_t has;
    uint32_t lacks;
    unsigned is;
};

static const struct rule BROWSERS[] = {
    { T(APP), 0, BROWSER_WEBVIEW },
    { T(OTHER_BROWSER), 0, BROWSER_OTHER },
    { T(SAMSUNG), 0, BROWSER_SAMSUNG },
    { T(OPERA), 0, BROWSER_OPERA },
    { T(EDGE), 0, BROWSER_EDGE },
    { T(IE), 0, BROWSER_IE },
    { T(FIREFOX), 0, BROWSER_FIREFOX },
    { T(ANDROID) | T(VERSION_4) | T(CHROME), 0, BROWSER_WEBVIEW }, /* Android WebView before it sent
                                                                    * "; wv" */
    { T(CHROME), 0, BROWSER_CHROME },
    /* WKWebView of Apple's systems, used by applications */
    { T(WEBKIT) | T(IPHONE), T(SAFARI), BROWSER_WEBVIEW },
    { T(WEBKIT) | T(IPAD), T(SAFARI), BROWSER_WEBVIEW },
    { T(WEBKIT) | T(MAC), T(SAFARI), BROWSER_WEBVIEW },
    /* Android's old browser, and browsers of other systems, name Safari too */
    { T(SAFARI) | T(IPHONE), 0, BROWSER_SAFARI },
    { T(SAFARI) | T(IPAD), 0, BROWSER_SAFARI },
    { T(SAFARI) | T(VERSION) | T(MAC), 0, BROWSER_SAFARI },
    { T(SAFARI) | T(VERSION) | T(WINDOWS), 0, BROWSER_SAFARI },
};

static const struct rule SYSTEMS[] = {
    { T(WINDOWS_PHONE), 0, OS_WINDOWS }, /* also names Android and iPhone */
    { T(IPHONE), T(WINDOWS), OS_IOS },
    { T(IPAD), T(WINDOWS), OS_IOS },
    { T(CHROMEOS), 0, OS_CHROMEOS },
    { T(ANDROID), 0, OS_ANDROID }, /* before Linux, which it also names */
    { T(WINDOWS), 0, OS_WINDOWS },
    { T(MAC), 0, OS_MACOS },
    { T(LINUX), 0, OS_LINUX },
};

static const struct rule DEVICES[] = {
    { T(CONSOLE), 0, DEVICE_OTHER },
    { T(TV), 0, DEVICE_TV },
    { T(WINDOWS_PHONE), 0, DEVICE_PHONE },
    { T(WINDOWS), 0, DEVICE_DESKTOP }, /* "Tablet PC 2.0" is a component of Windows */
    { T(IPAD), 0, DEVICE_TABLET },
    { T(IPHONE), 0, DEVICE_PHONE },
    { T(CHROMEOS), 0, DEVICE_DESKTOP },
    { T(TABLET), 0, DEVICE_TABLET },
    { T(MOBILE), 0, DEVICE_PHONE },
    { T(ANDROID), 0, DEVICE_TABLET }, /* a phone has "Mobile" */
    { T(MAC), 0, DEVICE_DESKTOP },
    { T(LINUX), 0, DEVICE_DESKTOP },
    { T(X11), 0, DEVICE_DESKTOP },
};

static unsigned first_that_holds(const struct rule *rules, size_t n, uint32_t tokens)
{
    for (size_t i = 0; i < n; i++) {
        if ((tokens & rules[i].has) == rules[i].has && !(tokens & rules[i].lacks))
            return rules[i].is;
    }
    return 0;
}

enum agent_browser agent_rule_browser(uint32_t tokens)
{
    return (enum agent_browser)first_that_holds(BROWSERS, ROWS(BROWSERS), tokens);
}

enum agent_os agent_rule_os(uint32_t tokens)
{
    return (enum agent_os)first_that_holds(SYSTEMS, ROWS(SYSTEMS), tokens);
}

enum agent_device agent_rule_device(uint32_t tokens)
{
    return (enum agent_device)first_that_holds(DEVICES, ROWS(DEVICES), tokens);
}
