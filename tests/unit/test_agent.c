/* SPDX-License-Identifier: MIT */
/* User agents: bots, browsers, operating systems and devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "click/agent.h"
#include "support/agent_samples.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Parts that agents share. */
#define WINDOWS    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
#define MAC        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
#define LINUX      "Mozilla/5.0 (X11; Linux x86_64) "
#define PHONE      "Mozilla/5.0 (Linux; Android 10; K) "
#define IPHONE     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) "
#define IPAD       "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) "
#define BLINK      "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
#define WEBKIT     "AppleWebKit/605.1.15 (KHTML, like Gecko) "
#define IOS_SAFARI "Mobile/15E148 Safari/604.1"

struct row {
    const char *agent;
    enum agent_browser browser;
    enum agent_os os;
    enum agent_device device;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct agent agent;
        agent_classify(slice_of(rows[i].agent), &agent);
        if (agent.is_bot || agent.browser != rows[i].browser || agent.os != rows[i].os ||
            agent.device != rows[i].device)
            fail_msg("\"%s\": %s%s, %s, %s", rows[i].agent, agent.is_bot ? "a bot; " : "",
                     agent_browser_name(agent.browser), agent_os_name(agent.os),
                     agent_device_name(agent.device));
    }
}

static void desktops(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { WINDOWS BLINK "Safari/537.36", BROWSER_CHROME, OS_WINDOWS, DEVICE_DESKTOP },
        { MAC BLINK "Safari/537.36", BROWSER_CHROME, OS_MACOS, DEVICE_DESKTOP },
        { LINUX BLINK "Safari/537.36", BROWSER_CHROME, OS_LINUX, DEVICE_DESKTOP },
        { "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " BLINK "Safari/537.36", BROWSER_CHROME,
          OS_CHROMEOS, DEVICE_DESKTOP },
        { "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu "
          "Chromium/80.0.3987.87 Chrome/80.0.3987.87 Safari/537.36",
          BROWSER_CHROME, OS_LINUX, DEVICE_DESKTOP },
        { WINDOWS BLINK "Safari/537.36 Edg/126.0.0.0", BROWSER_EDGE, OS_WINDOWS, DEVICE_DESKTOP },
        { WINDOWS BLINK "Safari/537.36 Edge/18.19045", BROWSER_EDGE, OS_WINDOWS, DEVICE_DESKTOP },
        { MAC BLINK "Safari/537.36 Edg/126.0.0.0", BROWSER_EDGE, OS_MACOS, DEVICE_DESKTOP },
        { WINDOWS BLINK "Safari/537.36 OPR/112.0.0.0", BROWSER_OPERA, OS_WINDOWS, DEVICE_DESKTOP },
        { LINUX BLINK "Safari/537.36 OPR/112.0.0.0", BROWSER_OPERA, OS_LINUX, DEVICE_DESKTOP },
        { "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", BROWSER_OPERA,
          OS_WINDOWS, DEVICE_DESKTOP },
        { "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; en) Opera 8.50", BROWSER_OPERA,
          OS_WINDOWS, DEVICE_DESKTOP },
        { "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
          BROWSER_FIREFOX, OS_WINDOWS, DEVICE_DESKTOP },
        { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
          BROWSER_FIREFOX, OS_MACOS, DEVICE_DESKTOP },
        { "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
          BROWSER_FIREFOX, OS_LINUX, DEVICE_DESKTOP },
        { "Mozilla/5.0 (X11; FreeBSD amd64; rv:127.0) Gecko/20100101 Firefox/127.0",
          BROWSER_FIREFOX, OS_OTHER, DEVICE_DESKTOP },
        { MAC WEBKIT "Version/17.5 Safari/605.1.15", BROWSER_SAFARI, OS_MACOS, DEVICE_DESKTOP },
        { "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534.57.2 (KHTML, like Gecko) "
          "Version/5.1.7 Safari/534.57.2",
          BROWSER_SAFARI, OS_WINDOWS, DEVICE_DESKTOP },
        { "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", BROWSER_IE,
          OS_WINDOWS, DEVICE_DESKTOP },
        { "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; SLCC2; .NET CLR 3.5; "
          "Tablet PC 2.0)",
          BROWSER_IE, OS_WINDOWS, DEVICE_DESKTOP },
        { WINDOWS BLINK "Safari/537.36 Vivaldi/6.8", BROWSER_OTHER, OS_WINDOWS, DEVICE_DESKTOP },
        { WINDOWS BLINK "YaBrowser/24.6.0.0 Safari/537.36", BROWSER_OTHER, OS_WINDOWS,
          DEVICE_DESKTOP },
        { "Mozilla/5.0 (X11; Linux x86_64) " WEBKIT
          "Version/17.0 Safari/605.1.15 Epiphany/605.1.15",
          BROWSER_OTHER, OS_LINUX, DEVICE_DESKTOP },
        { "Mozilla/5.0 (X11; Linux x86_64; rv:91.0) Gecko/20100101 Firefox/91.0 SeaMonkey/2.53.18",
          BROWSER_OTHER, OS_LINUX, DEVICE_DESKTOP },
        { WINDOWS BLINK "Electron/31.0.0 Safari/537.36", BROWSER_WEBVIEW, OS_WINDOWS,
          DEVICE_DESKTOP },
        { MAC "AppleWebKit/605.1.15 (KHTML, like Gecko)", BROWSER_WEBVIEW, OS_MACOS,
          DEVICE_DESKTOP },
    };
    check_rows(rows, ROWS(rows));
}

static void phones_and_tablets(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { PHONE BLINK "Mobile Safari/537.36", BROWSER_CHROME, OS_ANDROID, DEVICE_PHONE },
        { PHONE BLINK "Safari/537.36", BROWSER_CHROME, OS_ANDROID, DEVICE_TABLET },
        { PHONE BLINK "Mobile Safari/537.36 EdgA/126.0.0.0", BROWSER_EDGE, OS_ANDROID,
          DEVICE_PHONE },
        { PHONE BLINK "Mobile Safari/537.36 OPR/83.0.0.0", BROWSER_OPERA, OS_ANDROID,
          DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) "
          "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
          BROWSER_SAMSUNG, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) "
          "SamsungBrowser/25.0 Chrome/121.0.0.0 Safari/537.36",
          BROWSER_SAMSUNG, OS_ANDROID, DEVICE_TABLET },
        { "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", BROWSER_FIREFOX,
          OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Android 14; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0", BROWSER_FIREFOX,
          OS_ANDROID, DEVICE_TABLET },
        { "Mozilla/5.0 (Linux; U; Android 4.0.3; en-gb; GT-I9100) AppleWebKit/534.30 (KHTML, like "
          "Gecko) Version/4.0 Mobile Safari/534.30",
          BROWSER_OTHER, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Silk/126.1.3 like Chrome/126.0.6478.122 Safari/537.36",
          BROWSER_OTHER, OS_ANDROID, DEVICE_TABLET },
        { "Mozilla/5.0 (Linux; U; Android 11; en-US; M2101K7AG) AppleWebKit/537.36 (KHTML, like "
          "Gecko) Version/4.0 Chrome/100.0 UCBrowser/13.4 Mobile Safari/537.36",
          BROWSER_OTHER, OS_ANDROID, DEVICE_PHONE },
        { "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; en) Presto/2.12.423 Version/12.16",
          BROWSER_OPERA, OS_ANDROID, DEVICE_PHONE },
        { IPHONE WEBKIT "Version/17.5 " IOS_SAFARI, BROWSER_SAFARI, OS_IOS, DEVICE_PHONE },
        { IPAD WEBKIT "Version/17.5 " IOS_SAFARI, BROWSER_SAFARI, OS_IOS, DEVICE_TABLET },
        { "Mozilla/5.0 (iPod touch; CPU iPhone OS 12_0 like Mac OS X) AppleWebKit/604.1.34 (KHTML, "
          "like Gecko) Version/11.0 Mobile/15A5341f Safari/604.1",
          BROWSER_SAFARI, OS_IOS, DEVICE_PHONE },
        { IPHONE WEBKIT "CriOS/126.0.6478.54 " IOS_SAFARI, BROWSER_CHROME, OS_IOS, DEVICE_PHONE },
        { IPHONE WEBKIT "FxiOS/127.0 " IOS_SAFARI, BROWSER_FIREFOX, OS_IOS, DEVICE_PHONE },
        { IPAD WEBKIT "EdgiOS/126.0 Version/17.0 " IOS_SAFARI, BROWSER_EDGE, OS_IOS,
          DEVICE_TABLET },
        { IPHONE WEBKIT "OPiOS/16.0.15 " IOS_SAFARI, BROWSER_OPERA, OS_IOS, DEVICE_PHONE },
        { IPHONE WEBKIT "Version/17.5 " IOS_SAFARI " OPT/5.0", BROWSER_OPERA, OS_IOS,
          DEVICE_PHONE },
        { "Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; Touch; rv:11.0; "
          "IEMobile/11.0; NOKIA; Lumia 520) like iPhone OS 7_0_3 Mac OS X AppleWebKit/537 (KHTML, "
          "like Gecko) Mobile Safari/537",
          BROWSER_IE, OS_WINDOWS, DEVICE_PHONE },
        { "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
          BROWSER_FIREFOX, OS_OTHER, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 10; CUBOT_X30) " BLINK "Mobile Safari/537.36",
          BROWSER_CHROME, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 11; CUBOT) " BLINK "Mobile Safari/537.36", BROWSER_CHROME,
          OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 7.0; Cubot Note S) " BLINK "Mobile Safari/537.36",
          BROWSER_CHROME, OS_ANDROID, DEVICE_PHONE },
    };
    check_rows(rows, ROWS(rows));
}

/* Browsers of which little is known, and players of what a person has opened. */
static void rare_browsers(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "Lynx/2.9.0 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.15", BROWSER_OTHER, OS_OTHER,
          DEVICE_OTHER },
        { "Links (2.29; FreeBSD 14.1 amd64; text)", BROWSER_OTHER, OS_OTHER, DEVICE_OTHER },
        { "ELinks/0.16 (textmode; Linux 6.1 x86_64; 80x25-2)", BROWSER_OTHER, OS_LINUX,
          DEVICE_DESKTOP },
        { "w3m/0.5.3+git20230121", BROWSER_OTHER, OS_OTHER, DEVICE_OTHER },
        { "Dillo/3.1.1", BROWSER_OTHER, OS_OTHER, DEVICE_OTHER },
        { "NetSurf/3.11 (RISC OS)", BROWSER_OTHER, OS_OTHER, DEVICE_OTHER },
        { "Mozilla/5.0 (Haiku; U; rv:1.9) Gecko/2010 NobodysFox/1", BROWSER_OTHER, OS_OTHER,
          DEVICE_OTHER },
        { "mozilla/5.0 (macintosh) applewebkit/537.36 (khtml, like gecko) chrome/126.0",
          BROWSER_OTHER, OS_OTHER, DEVICE_OTHER },
        { "NOBODY-N70/1.0 UP.Browser/6.2.3.8 (GUI) MMP/2.0", BROWSER_OTHER, OS_OTHER,
          DEVICE_PHONE },
        { "Nobody50/1.0 Profile/MIDP-2.1 Configuration/CLDC-1.1", BROWSER_OTHER, OS_OTHER,
          DEVICE_PHONE },
        { "VLC/3.0.21 LibVLC/3.0.21", BROWSER_OTHER, OS_OTHER, DEVICE_OTHER },
        { "Nobody/1.0 (iPhone; iOS 17.5)", BROWSER_OTHER, OS_IOS, DEVICE_PHONE },
    };
    check_rows(rows, ROWS(rows));
}

/* People whom a pattern of the list would take for bots: the build of Android 15 that OPPO's
 * telephones have, makers, models, and browsers inside applications. */
static void people_like_bots(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "Mozilla/5.0 (Linux; Android 15; CPH2000 Build/AP3A.240617.008) " BLINK
          "Mobile Safari/537.36",
          BROWSER_CHROME, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 15; CPH2000 Build/AP3A.240617.008; wv) "
          "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.142 Mobile "
          "Safari/537.36 Instagram 406.0.0.58.159 Android (35/15; 480dpi; 1080x2400; OPPO)",
          BROWSER_WEBVIEW, OS_ANDROID, DEVICE_PHONE },
        { PHONE BLINK "Mobile Safari/537.36 MetaIAB Facebook", BROWSER_WEBVIEW, OS_ANDROID,
          DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 10; K; wv) " BLINK "Mobile Safari/537.36 Viber/23.1",
          BROWSER_WEBVIEW, OS_ANDROID, DEVICE_PHONE },
        { PHONE BLINK "Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/6.5", BROWSER_OTHER,
          OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 5.0; ViewSonic V500) " BLINK "Mobile Safari/537.36",
          BROWSER_CHROME, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 5.0; HTC Butterfly) " BLINK "Mobile Safari/537.36",
          BROWSER_CHROME, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 8.1.0; Fever_Plus) " BLINK "Safari/537.36", BROWSER_CHROME,
          OS_ANDROID, DEVICE_TABLET },
        { "Mozilla/5.0 (Linux; Android 7.0; M bot 54) " BLINK "Mobile Safari/537.36",
          BROWSER_CHROME, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 7.1; M_bot_tab_71) " BLINK "Safari/537.36", BROWSER_CHROME,
          OS_ANDROID, DEVICE_TABLET },
        { MAC BLINK "Safari/537.36 (Ecosia ios@10.1.0)", BROWSER_CHROME, OS_MACOS, DEVICE_DESKTOP },
    };
    check_rows(rows, ROWS(rows));
}

static void webviews(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36",
          BROWSER_WEBVIEW, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 4.4.2; SM-T530) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Version/4.0 Chrome/30.0.0.0 Safari/537.36",
          BROWSER_WEBVIEW, OS_ANDROID, DEVICE_TABLET },
        { "Mozilla/5.0 (Linux; Android 14; SM-G991B; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 "
          "[FB_IAB/FB4A;FBAV/468.0.0.54.83;]",
          BROWSER_WEBVIEW, OS_ANDROID, DEVICE_PHONE },
        { IPHONE WEBKIT "Mobile/15E148 [FBAN/FBIOS;FBAV/468.0.0;FBDV/iPhone15,2;FBSN/iOS]",
          BROWSER_WEBVIEW, OS_IOS, DEVICE_PHONE },
        { IPHONE WEBKIT "Mobile/15E148 Instagram 337.0.2.24.92 (iPhone15,2; iOS 17_5)",
          BROWSER_WEBVIEW, OS_IOS, DEVICE_PHONE },
        { IPHONE WEBKIT "Mobile/15E148", BROWSER_WEBVIEW, OS_IOS, DEVICE_PHONE },
        { IPAD WEBKIT "Mobile/15E148", BROWSER_WEBVIEW, OS_IOS, DEVICE_TABLET },
        { IPHONE WEBKIT "GSA/319.0.638705450 " IOS_SAFARI, BROWSER_WEBVIEW, OS_IOS, DEVICE_PHONE },
        { IPHONE WEBKIT "Version/17.5 " IOS_SAFARI " Line/14.9.0", BROWSER_WEBVIEW, OS_IOS,
          DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 13; V2231A; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160083 MMWEBSDK/20240404 "
          "MicroMessenger/8.0.49.2600(0x2800315A)",
          BROWSER_WEBVIEW, OS_ANDROID, DEVICE_PHONE },
        { "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
          "Chrome/126.0.0.0 Mobile DuckDuckGo/5 Safari/537.36",
          BROWSER_OTHER, OS_ANDROID, DEVICE_PHONE },
    };
    check_rows(rows, ROWS(rows));
}

static void televisions(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) "
          "SamsungBrowser/3.0 Chrome/76.0.3809.146 TV Safari/537.36",
          BROWSER_SAMSUNG, OS_LINUX, DEVICE_TV },
        { "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
          BROWSER_CHROME, OS_LINUX, DEVICE_TV },
        { "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K GB) " BLINK "Safari/537.36", BROWSER_CHROME,
          OS_ANDROID, DEVICE_TV },
        { "Mozilla/5.0 (Linux; Android 12; Google TV Streamer) " BLINK "Safari/537.36",
          BROWSER_CHROME, OS_ANDROID, DEVICE_TV },
        { "Mozilla/5.0 (Linux; Android 7.1.2; AFTMM) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Silk/110.3.4 like Chrome/110.0.5481.154 Safari/537.36",
          BROWSER_OTHER, OS_ANDROID, DEVICE_TV },
        { "Mozilla/5.0 (PlayStation; PlayStation 5/9.20) " WEBKIT "Version/17.0 Safari/605.1.15",
          BROWSER_OTHER, OS_OTHER, DEVICE_OTHER },
        { "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) " BLINK
          "Safari/537.36 Edge/44.18363.8131",
          BROWSER_EDGE, OS_WINDOWS, DEVICE_OTHER },
    };
    check_rows(rows, ROWS(rows));
}

/* Bots that are recognised by the generic words, in every build. */
static void check_bots(const char *const rows[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct agent agent;
        agent_classify(slice_of(rows[i]), &agent);
        if (!agent.is_bot)
            fail_msg("\"%s\" is no bot", rows[i]);
        if (agent.browser || agent.os || agent.device)
            fail_msg("\"%s\": a bot has no browser, system or device", rows[i]);
    }
}

static void bots(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        " ",
        "curl/8.8.0",
        "Wget/1.21.3",
        "python-requests/2.32.3",
        "Python/3.12 aiohttp/3.9.5",
        "Go-http-client/2.0",
        "Java/17.0.11",
        "okhttp/4.12.0",
        "axios/1.7.2",
        "node",
        "PostmanRuntime/7.39.0",
        "libwww-perl/6.77",
        "Apache-HttpClient/5.3.1 (Java/17.0.11)",
        "facebookexternalhit/1.1",
        "bot",
        "Bot",
        "nobodysbot",
        "Nobody's Bot 2",
        "NOBODYBOT/1.0",
        "Mozilla/5.0 (compatible; Nobodybot/2.1; +http://nobody.example/bot.html)",
        "Mozilla/5.0 (compatible; something; +https://nobody.example/)",
        "https://nobody.example/about-us",
        "Mozilla/5.0 (compatible; Nobody Crawler)",
        "Mozilla/5.0 (compatible; nobody-spider)",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 10; K) Mobile Safari/537.36 (compatible; Nobodybot/2.1)",
    };
    check_bots(rows, ROWS(rows));
}

/* Programs that say nothing of a browser, and those that show a link to a person who may follow it.
 */
static void previews(void **state)
{
    (void)state;
    static const char *const rows[] = {
        /* nothing that a browser has */
        "x",
        "Mozilla/5.0",
        "Mozilla/5.0 (compatible)",
        "Mozilla/5.0 (compatible; Nobody/1.0)",
        "firefox",
        "Nobody-HealthChecker/2.0",
        "kube-probe/1.31",
        "Nobody:LinkExpander:1",
        "NobodyScan",
        "NobodyApp/7 CFNetwork/1410.0.3 Darwin/22.6.0",
        /* link expanders and previews that call themselves a browser */
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Bluesky Cardyb/1.1; "
        "+mailto:support@bsky.app) Chrome/W.X.Y.Z Safari/537.36",
        MAC BLINK "Safari/537.36 NobodyPreview",
        MAC BLINK "Safari/537.36 Nobody Link Expander",
        LINUX "AppleWebKit/537.36 (KHTML, like Gecko; Nobody-Cards) Chrome/126.0 Safari/537.36",
        WINDOWS BLINK "Safari/537.36 GoogleMessages/20.1",
        WINDOWS BLINK "Safari/537.36 (compatible; Nobody/1.0)",
        /* mail and office */
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Trident/7.0; ms-office; MSOffice 16)",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Word 16.0.14326; Pro)",
        "Microsoft Office Excel/16.44 (Mac OS/11.1; Desktop; en-US)",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X) Word/14.63.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0",
        WINDOWS "Gecko Firefox/11.0 (via images.example NobodyImageProxy)",
    };
    check_bots(rows, ROWS(rows));
}

/* Programs that look like a browser, but for a word. */
static void scanners(void **state)
{
    (void)state;
    static const char *const rows[] = {
        /* scanners and monitors */
        WINDOWS BLINK "Safari/537.36 (scanner.nobody.example)",
        WINDOWS BLINK "Safari/537.36 NobodyMonitor",
        WINDOWS BLINK "Safari/537.36 LinkChecker/2.0",
        WINDOWS BLINK "Safari/537.36 NobodyAgent",
        WINDOWS BLINK "Safari/537.36 (https://nobody.example/study)",
        WINDOWS BLINK "Safari/537.36 https://nobody.example/study",
        "Mozilla/5.0 (Windows NT 10.0; contact; scan@nobody.example) " BLINK "Safari/537.36",
        /* libraries beside the name of a system */
        "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A)",
        "Nobody/1.0 (iPhone; iOS 17.5; Scale/3.00)",
        "Nobody/1.0 (com.example.nobody; build:1; iOS 17.5.0) Alamofire/5.9.1",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.4648",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/534.34 (KHTML, like Gecko) wkhtmltopdf "
        "Safari/534.34",
    };
    check_bots(rows, ROWS(rows));
}

/* Bytes after AGENT_BYTES_MAX are ignored, and the cut does not count as the end of the header. */
static void long_agents(void **state)
{
    (void)state;
    static char text[4 * AGENT_BYTES_MAX];
    memset(text, 'x', sizeof(text));
    const char bot[] = " bot/1.0", system[] = " X11; ";
    static const struct {
        size_t at; /* offset of "bot" */
        bool is_bot;
    } rows[] = {
        { 0, true },
        { AGENT_BYTES_MAX - 5, true },
        { AGENT_BYTES_MAX - 4, false }, /* "bot" at the very end of what is read */
        { AGENT_BYTES_MAX, false },
        { 2 * AGENT_BYTES_MAX, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct agent agent;
        memcpy(text + 100, system, sizeof(system) - 1); /* what a browser says */
        memcpy(text + rows[i].at, bot, sizeof(bot) - 1);
        agent_classify((struct slice){ text, sizeof(text) }, &agent);
        memset(text, 'x', sizeof(text));
        if (agent.is_bot != rows[i].is_bot)
            fail_msg("at %zu: %d", rows[i].at, agent.is_bot);
    }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(agent_browser_name(BROWSER_WEBVIEW), "WebView");
    assert_string_equal(agent_os_name(OS_CHROMEOS), "ChromeOS");
    assert_string_equal(agent_device_name(DEVICE_TV), "TV");
    for (unsigned i = 0; i < 300; i++) {
        assert_true((i == 0 || i >= BROWSER_N) == !strcmp(agent_browser_name(i), "other"));
        assert_true((i == 0 || i >= OS_N) == !strcmp(agent_os_name(i), "other"));
        assert_true((i == 0 || i >= DEVICE_N) == !strcmp(agent_device_name(i), "other"));
    }
}

/* How many of a thousand samples are classified as bots, rounded down. */
static size_t bots_per_mille(const char *file, size_t at_least)
{
    struct agent_samples samples = agent_samples_read(file);
    assert_true(samples.n >= at_least);
    size_t n = 0;
    for (size_t i = 0; i < samples.n; i++) {
        struct agent agent;
        agent_classify(slice_of(samples.texts[i]), &agent);
        n += agent.is_bot;
    }
    size_t of = samples.n;
    print_message("# %zu of %zu are taken for bots\n", n, of);
    agent_samples_free(&samples);
    return n * 1000 / of;
}

static void listed_bots(void **state)
{
    (void)state;
    assert_true(bots_per_mille(AGENT_SAMPLES_BOTS, 2000) >= 990);
}

static void people(void **state)
{
    (void)state;
    assert_int_equal(bots_per_mille(AGENT_SAMPLES_PEOPLE, 100), 0);
}

static bool are_there(const char *file)
{
    struct agent_samples samples = agent_samples_read(file);
    bool found = samples.n > 0;
    agent_samples_free(&samples);
    return found;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(desktops),
        cmocka_unit_test(phones_and_tablets),
        cmocka_unit_test(webviews),
        cmocka_unit_test(televisions),
        cmocka_unit_test(rare_browsers),
        cmocka_unit_test(people_like_bots),
        cmocka_unit_test(bots),
        cmocka_unit_test(previews),
        cmocka_unit_test(scanners),
        cmocka_unit_test(long_agents),
        cmocka_unit_test(names),
        cmocka_unit_test(listed_bots), /* these two need the samples */
        cmocka_unit_test(people),
    };
    size_t n = sizeof(tests) / sizeof(tests[0]);
    /* A tarball has the compiled list but not the samples. cmocka's skip() is a failure for
     * Automake, so these tests are left out of the group instead. */
    if (strcmp(agent_list(), "generic words only") == 0 || !are_there(AGENT_SAMPLES_BOTS) ||
        !are_there(AGENT_SAMPLES_PEOPLE))
        n -= 2;
    return _cmocka_run_group_tests("agent", tests, n, NULL, NULL);
}
