"""A study to be shown, and one browser for the session."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from report.study_variants import fresh

FLAGS = (
    "--headless=new",
    "--no-sandbox",  # tests may run as root, which its sandbox refuses
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)


@pytest.fixture
def study() -> dict[str, Any]:
    """A copy, to be changed at will."""
    return fresh()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium, started once."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        why = "the page is not opened: chromium and chromedriver are not both here"
        if os.environ.get("SMILEJAX_BROWSER") == "required":
            pytest.fail(f"{why}, and SMILEJAX_BROWSER=required")
        pytest.skip(why)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield started
    started.quit()
