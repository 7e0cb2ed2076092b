# SPDX-License-Identifier: MIT
"""A Chromium that tests drive by WebDriver (chromedriver and python3-selenium), with what the tests of the pages ask it."""

import contextlib
import json
import os
import shutil

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
PATIENCE = 20           # seconds for a state of the page

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
    MISSING = None if CHROMIUM and DRIVER else "Chromium or chromedriver is not installed"
except ImportError:
    MISSING = "python3-selenium is not installed"

# A person's: a browser without a window names itself as a program, and its clicks are a bot's.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

# Notes what the document's policy has refused, from the first script on.
LISTENER = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class Page:
    """A page of a browser that has just been started, and what is in it."""

    def __init__(self, driver):
        self.driver = driver

    def go(self, url):
        self.driver.get(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, condition, what):
        """Waits until `condition` returns something true, and returns it."""
        def now(_):
            with contextlib.suppress(Exception):
                return condition()
            return None
        return WebDriverWait(self.driver, PATIENCE, 0.05).until(now, what)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        """The first element that matches and is shown, waited for."""
        return self.until(lambda: next((e for e in self.all(selector) if e.is_displayed()), None), f"{selector} is shown")

    def click(self, text):
        """Clicks what has this text; an element that the page replaces meanwhile is looked up again."""
        def pressed():
            found = next((e for e in self.all("button, a, summary") if e.text.strip() == text and e.is_displayed()), None)
            if found:
                found.click()
            return found is not None
        self.until(pressed, f"a button {text!r}")

    def text(self, selector="#app"):
        return self.one(selector).text

    def says(self, text, selector="#app"):
        self.until(lambda: any(text in element.text for element in self.all(selector)), f"{selector} says {text!r}")

    def fill(self, selector, text):
        field = self.one(selector)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)
        return field

    def press(self, *keys):
        """Sends keys to what has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def type(self, *keys):
        """The same as by a keyboard; the field of a file takes what is sent to it for a path."""
        ActionChains(self.driver).send_keys(*keys).perform()

    @property
    def focused(self):
        return self.driver.switch_to.active_element

    def tab_to(self, selector, most=40):
        """Presses Tab until the element has the focus, as someone without a mouse does."""
        for _ in range(most):
            if self.run("return document.activeElement.matches(arguments[0])", selector):
                return self.focused
            self.press(Keys.TAB)
        raise AssertionError(f"{selector} is not reached by Tab")

    def refused(self):
        """What the Content-Security-Policy has refused, and the errors of the console but for answers of the API."""
        errors = [line["message"] for line in self.driver.get_log("browser") if line["level"] == "SEVERE"]
        return self.run("return window.refused") + [one for one in errors if "status of 4" not in one]

    def violations(self, axe):
        """What axe-core finds, in short."""
        self.run(axe)
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then("
            "(all) => done(JSON.stringify(all.violations)), (error) => done(JSON.stringify([String(error)])));")
        return [f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']]}" if isinstance(one, dict) else one
                for one in json.loads(found)]

    def is_wider_than_the_window(self):
        return self.run("return document.documentElement.scrollWidth > innerWidth")


class Browser:
    """A running Chromium. Each page begins without anything that an earlier one has stored."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in (f"--user-agent={AGENT}", "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                         "--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        self.driver.set_script_timeout(60)

    @contextlib.contextmanager
    def page(self, *, width=1280, height=900, dark=False, language="en", still=False):
        """A page in a tab of its own, of this size, for a reader with these settings."""
        driver = self.driver
        before = driver.current_window_handle
        driver.switch_to.new_window("tab")
        send = driver.execute_cdp_cmd
        send("Network.clearBrowserCookies", {})
        send("Network.setUserAgentOverride", {"userAgent": AGENT, "acceptLanguage": language})
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                    {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"}]
        send("Emulation.setEmulatedMedia", {"features": features})
        send("Emulation.setDeviceMetricsOverride",
             {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        send("Page.addScriptToEvaluateOnNewDocument", {"source": LISTENER})
        driver.get_log("browser")
        page = Page(driver)
        try:
            yield page
        finally:
            if driver.current_url.startswith("http"):
                driver.execute_script("localStorage.clear()")
            driver.close()
            driver.switch_to.window(before)

    def version(self):
        return f"Chromium {self.driver.capabilities['browserVersion']}"

    def quit(self):
        self.driver.quit()
