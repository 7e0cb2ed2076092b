# SPDX-License-Identifier: MIT
"""What somebody with only a browser does first: script/server, the link that it prints, a short link, its QR code, a click, the chart. A
test does this, and `make screens` takes pictures of it."""

import contextlib
import http.server
import re
import subprocess
import threading
import time

from browser import PATIENCE
from selenium.webdriver.common.action_chains import ActionChains

ALIAS = "my-first-link"
FLUSH_INTERVAL = 2      # seconds; the default of clicks.flush_interval
ARRIVED = """<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light"><title>Arrived</title>
<style>body { font: 1.2rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>The summer festival</h1><p>The page at the end of a long address: programme, times, and how to get there.</p>"""


@contextlib.contextmanager
def destination():
    """The URL of a page that links lead to."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(ARRIVED.encode())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/festival/2027/programme?from=newsletter"
        finally:
            server.shutdown()
            thread.join()


def scan(picture):
    """The text of the one QR code in a picture, as zbarimg reads it."""
    done = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr or "there is no QR code in the picture"
    return done.stdout.strip()


def shorten(page, url):
    page.fill("input[name=url]", url)
    page.one("summary").click()
    page.fill("input[name=alias]", ALIAS)
    page.one(".more-fields .good")


def in_chart(page):
    """What the chart says of its last day: the mouse is moved there."""
    over = page.one(".chart .u-over")
    ActionChains(page.driver).move_to_element_with_offset(over, over.size["width"] // 2 - 1, 0).perform()
    return [one.text for one in page.all(".chart .u-legend .u-value")]


def walk(page, said, folder, see=lambda name, said: None):
    """Does all of it, with what script/server has said; calls `see` at each step, with what a terminal says there. Returns the seconds from the click to the chart."""
    see("command", said)
    with destination() as url:
        page.go(re.search(r"^sign in: (\S+)$", said, re.MULTILINE)[1])
        page.says("Signed in as admin", "footer")
        shorten(page, url)
        see("shorten", "")
        page.one("form button[type=submit]").click()
        picture = page.one(".made .qr img")
        page.until(lambda: page.run("return arguments[0].complete && arguments[0].naturalWidth > 0", picture), "the QR code")
        page.run("document.activeElement.blur(); arguments[0].scrollIntoView({block: 'nearest'})", picture)
        see("made", "")
        screen = folder / "screen.png"
        page.driver.save_screenshot(str(screen))
        short = scan(screen)
        assert short == page.one(".made .short a").get_attribute("href")
        pages = page.run("return location.href.split('#')[0]")
        see("scanned", short)
        page.go(short)
        clicked = time.monotonic()
        page.until(lambda: page.driver.current_url == url and page.driver.title == "Arrived", "the destination")
        see("arrived", "")
        page.go(f"{pages}#/links/{ALIAS}")
        page.until(lambda: in_chart(page)[1:2] == ["1"], "the click in the chart")
        took = time.monotonic() - clicked
        page.until(lambda: [one.text for one in page.all(".totals dd")] == ["1", "1", "0"], "a visitor, and no bot")
        page.run("document.querySelector('.totals').scrollIntoView()")
        see("chart", "")
    assert took < PATIENCE
    return took
