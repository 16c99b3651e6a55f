"""Pages opened in Chromium: whether anything ran in them that must not. Needs selenium, chromium and chromedriver."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--window-size=1400,950",
)
RAN = "return document.title === 'ran' || window.ran === 1 || document.querySelector('img[src=x]') !== null"
"""What markup and scripts in names would do, had they their way."""


def started(folder: Path) -> Any:
    """A browser with a profile in a folder; None where there is none."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        return None
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("unhandledPromptBehavior", "ignore")
    return webdriver.Chrome(options=options, service=Service(driver))


def wrong_in(browser: Any) -> str:
    """What ran in the page that is open, empty where nothing did."""
    try:
        return "what stands in a name ran" if browser.execute_script(RAN) else ""
    except Exception as error:  # an alert of the page stands in the way
        return f"the page cannot be looked at: {error}"


def until(holds: Callable[[], Any], seconds: float = 90) -> bool:
    """Wait until something holds, so long at most."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False
