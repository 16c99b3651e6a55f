"""The page in Chromium: drawn, quiet, on a phone, in the dark, on paper."""

import base64
import copy
import os
import re
import shutil
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from report.study_variants import NASTY, STUDY, VARIANTS

from smilejax.report import write_report

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
DARK = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
PATIENCE_S = 60
"""Far more than it takes: two shared cores can be slow."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
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


@pytest.fixture(scope="module", params=["as it is", "hostile"])
def shown(browser: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """A study's page on a desktop, in the light, with every figure drawn; and which it is."""
    study, name = copy.deepcopy(STUDY), request.param
    path = tmp_path_factory.mktemp("page") / "report.html"
    browser.get(write_report(VARIANTS[name](study) if name in VARIANTS else study, path).as_uri())
    until(browser, "document.documentElement.dataset.figures === 'drawn'")
    return name, browser


@pytest.fixture
def opened(shown: tuple[str, Any]) -> Iterator[Any]:
    """The same; what a test sets is set back."""
    _, browser = shown
    yield browser
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_script("document.querySelectorAll('details').forEach(e => { e.open = false; })")


def until(browser: Any, script: str) -> None:
    """Wait until a script answers yes."""
    end = time.monotonic() + PATIENCE_S
    while not browser.execute_script(f"return {script}"):
        assert time.monotonic() < end, script
        time.sleep(0.02)


def size(browser: Any, width: int) -> None:
    """A window as wide as this; below 500 px it is a phone's."""
    metrics = {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def colour(browser: Any, variable: str) -> str:
    """A variable of the style sheet, as the browser writes colours."""
    answer: str = browser.execute_script(
        "const e = document.createElement('i'); e.style.color = `var(${arguments[0]})`; document.body.append(e);"
        "const c = getComputedStyle(e).color; e.remove(); return c;",
        variable,
    )
    return answer


def strokes(browser: Any, figure: str) -> set[str]:
    """Colours of the lines of a figure, as drawn."""
    found = "[...document.querySelectorAll(`#${arguments[0]} path.js-line`)].map(e => e.style.stroke)"
    return set(browser.execute_script(f"return {found}", figure))


def test_every_figure_is_drawn_without_a_word_of_complaint(opened: Any) -> None:
    assert opened.execute_script("return document.querySelectorAll('[data-figure]').length") > 10
    undrawn = (
        "[...document.querySelectorAll('[data-figure]')].filter(e => !e.querySelector('.trace path, .point path'))"
    )
    assert opened.execute_script(f"return {undrawn}.map(e => e.dataset.figure)") == []
    assert [entry for entry in opened.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    fetched = opened.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [one for one in fetched if not one.startswith("data:")] == []


def test_names_are_shown_as_they_are(shown: tuple[str, Any]) -> None:
    name, browser = shown
    first, second = NASTY if name == "hostile" else ("posed", "genuine")
    assert browser.find_element("tag name", "h1").text == f"Do pupils tell {second} from {first}?"
    title = browser.execute_script("return document.querySelector('#roc-curve .ytitle').textContent")
    short = second if len(second) <= 24 else f"{second[:23]}…"
    assert title == f"{short} called {short}"


def test_nothing_runs_off_a_phone(opened: Any) -> None:
    size(opened, 360)
    opened.execute_script("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    widths = "[...document.querySelectorAll('.main-svg')].map(e => e.getBoundingClientRect().right)"
    until(opened, f"Math.max(...{widths}) <= 360")  # figures follow the width
    assert opened.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]") == [360, 360]
    scrolls = "[...document.querySelectorAll('.scroll')].some(e => e.scrollWidth > e.clientWidth)"
    assert opened.execute_script(f"return {scrolls}")  # wide tables do, inside their own boxes


def test_figures_follow_the_dark(opened: Any) -> None:
    classes = ("--class-0", "--class-1")
    light, paper = {colour(opened, name) for name in classes}, colour(opened, "--paper")
    assert light <= strokes(opened, "dilation-classes")
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", DARK)
    until(opened, f"getComputedStyle(document.body).backgroundColor !== '{paper}'")
    until(opened, f"!document.querySelector('#dilation-classes').innerHTML.includes('{min(light)}')")
    dark = {colour(opened, name) for name in classes}
    assert dark <= strokes(opened, "dilation-classes")
    assert not dark & light
    ticks = "getComputedStyle(document.querySelector('#dilation-classes .xtick text')).fill"
    assert opened.execute_script(f"return {ticks}") == colour(opened, "--muted")


def test_paper_is_light_and_has_everything(opened: Any) -> None:
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", DARK)
    asked = {"printBackground": True, "preferCSSPageSize": True}
    content = base64.b64decode(opened.execute_cdp_cmd("Page.printToPDF", asked)["data"])
    assert content.startswith(b"%PDF")
    assert 10 < len(re.findall(rb"/Type\s*/Page\b", content)) < 60
    lines = _strokes(content)
    assert (0xD5, 0x5E, 0x00) in lines  # a class on light, in spite of the dark
    assert (0xE6, 0x9F, 0x00) not in lines
    # Afterwards all is as before.
    assert opened.execute_script("return document.querySelectorAll('details[open]').length") == 0
    assert colour(opened, "--class-1") in strokes(opened, "dilation-classes")


def _strokes(content: bytes) -> set[tuple[int, ...]]:
    """Colours of lines in a PDF, 0 to 255."""
    found: set[tuple[int, ...]] = set()
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            drawn = zlib.decompressobj().decompress(stream)
        except zlib.error:
            continue  # a font
        for parts in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) RG", drawn):
            found.add(tuple(round(255 * float(part)) for part in parts))
    return found


def test_before_print_everything_is_opened_and_fits(opened: Any) -> None:
    opened.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.execute_script("return document.querySelectorAll('details:not([open])').length") == 0
    apart = "Math.abs(e.querySelector('.main-svg').getBoundingClientRect().width - e.clientWidth)"
    worst = f"Math.max(...[...document.querySelectorAll('.plot')].map(e => {apart}))"
    assert opened.execute_script(f"return {worst}") <= 1
    # A4 has 180 mm, 680 px, between margins of 15 mm.
    widest = "Math.max(...[...document.querySelectorAll('.plot')].map(e => e.clientWidth))"
    assert 600 < opened.execute_script(f"return {widest}") <= 690
    opened.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert opened.execute_script("return document.querySelectorAll('details[open]').length") == 0


def test_keys_reach_what_matters(opened: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    opened.execute_cdp_cmd(
        "Emulation.setFocusEmulationEnabled", {"enabled": True}
    )  # a window without a screen has none
    opened.execute_script("document.querySelector('a.skip').focus()")
    opened.switch_to.active_element.send_keys(Keys.ENTER)
    assert opened.switch_to.active_element.get_attribute("id") == "verdict"
    opened.find_element("css selector", "#dilation-classes summary").send_keys(Keys.ENTER)
    assert opened.find_element("css selector", "#dilation-classes table").is_displayed()


def test_how_long_it_took(shown: tuple[str, Any], record_property: Any) -> None:
    """Measured and told (in the report that pytest writes), and held to little: cores are shared."""
    _, browser = shown
    loaded_ms = browser.execute_script("return performance.getEntriesByType('navigation')[0].loadEventEnd")
    record_property("loaded_ms", loaded_ms)
    assert 0 < loaded_ms < 1000 * PATIENCE_S
