"""The page in Chromium: drawn, quiet, on a phone, in the dark, on paper."""

import base64
import re
import time
import zlib
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from report.study_variants import NASTY, VARIANTS, fresh, record_of

from smilejax.report import write_report

pytestmark = pytest.mark.slow

DARK = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
PATIENCE_S = 60
"""Far more than it takes: two shared cores can be slow."""


@pytest.fixture(scope="module", params=["as it is", "hostile"])
def shown(browser: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """A study's page on a desktop, in the light, with every figure drawn; and which it is."""
    study, name = fresh(), request.param
    record = record_of(VARIANTS[name](study) if name in VARIANTS else study)
    browser.get(write_report(record, tmp_path_factory.mktemp("page") / "report.html").as_uri())
    until(browser, "document.documentElement.dataset.figures === 'drawn'")
    return name, browser


@pytest.fixture
def opened(shown: tuple[str, Any]) -> Iterator[Any]:
    """The same; what a test sets is set back."""
    _, browser = shown
    yield browser
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_script(
        "document.querySelectorAll('details').forEach(e => { e.open = false; }); window.scrollTo(0, 0)"
    )


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
    assert browser.find_element("tag name", "h1").text == f"Do pupil responses distinguish {second} from {first}?"
    title = browser.execute_script("return document.querySelector('#roc-curve .ytitle').textContent")
    short = second if len(second) <= 24 else f"{second[:23]}…"
    assert title == f"{short} predicted as {short}"


def followed(browser: Any, width: int) -> None:
    """A window of this width, when the figures have followed it."""
    size(browser, width)
    widths = "[...document.querySelectorAll('.main-svg')].map(e => e.getBoundingClientRect().right)"
    until(browser, f"Math.max(...{widths}) <= {width}")


@pytest.mark.parametrize("width", [360, 390])
def test_nothing_runs_off_a_phone(opened: Any, width: int) -> None:
    opened.execute_script("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    followed(opened, width)
    assert opened.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]") == [width, width]
    scrolls = "[...document.querySelectorAll('.scroll')].some(e => e.scrollWidth > e.clientWidth)"
    assert opened.execute_script(f"return {scrolls}")  # wide tables do, inside their own boxes


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_shows_the_accuracy(opened: Any, width: int) -> None:
    """Unless the names themselves are wider than a phone, the column of accuracies needs no scrolling."""
    followed(opened, width)
    found = opened.execute_script(
        "return [...document.querySelectorAll('main > section > .scroll table')].flatMap(table => {"
        "const at = [...table.tHead.rows[0].cells].findIndex(e => /accuracy$/.test(e.textContent));"
        "return at < 0 ? [] : [...table.rows].map(row => row.cells[at].getBoundingClientRect().right);})"
    )
    assert len(found) > 20
    assert max(found) <= width


@pytest.mark.parametrize("width", [360, 1280])
def test_the_line_of_chance_and_labels_cross_nothing(opened: Any, width: int) -> None:
    """In the figure of scores: no label lies on another one, nor on the line of chance."""
    followed(opened, width)
    script = (
        "const box = e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };"
        "const forest = document.getElementById('forest');"
        "const parts = [...forest.querySelector('.trace').querySelectorAll('path.js-line')].map(line => {"
        "  const to = line.getScreenCTM(); const n = line.getAttribute('d').match(/-?[\\d.]+/g).map(Number);"
        "  const [x, y0, y1] = [n[0] + to.e, n[1] + to.f, n[n.length - 1] + to.f];"
        "  return [x, Math.min(y0, y1), x, Math.max(y0, y1)]; });"
        "return [[...forest.querySelectorAll('.annotation-text')].map(box), parts];"
    )
    labels, chance = opened.execute_script(script)
    assert len(labels) == 18
    assert len(chance) == 9

    def meet(a: list[float], b: list[float]) -> bool:
        return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]

    assert [pair for pair in combinations(labels, 2) if meet(*pair)] == []
    # Wherever the labels end: the line has a gap at their height, so that a longer name or a wider font is not crossed.
    across = [[0, line[1], width, line[3]] for line in chance]
    assert [(line, label) for line in across for label in labels if meet(line, label)] == []


def current(browser: Any) -> list[str]:
    return browser.execute_script("return [...document.querySelectorAll('nav [aria-current]')].map(e => e.hash)")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_navigation_marks_the_current_section(opened: Any, width: int) -> None:
    size(opened, width)
    until(opened, "document.querySelectorAll('nav [aria-current]').length === 1")
    assert current(opened) == ["#verdict"]
    for name in ("scores", "calibration", "data"):
        opened.execute_script("document.getElementById(arguments[0]).scrollIntoView({behavior: 'instant'})", name)
        until(opened, f"document.querySelector('nav [aria-current]').hash === '#{name}'")
        assert current(opened) == [f"#{name}"]
        place = "document.querySelector('nav [aria-current]').getBoundingClientRect()"
        until(opened, f"{place}.left >= 0 && {place}.right <= {width} && {place}.bottom > 0 && {place}.top < 740")
    opened.execute_script("window.scrollTo(0, document.documentElement.scrollHeight)")
    last = opened.execute_script("return [...document.querySelectorAll('nav a')].pop().hash")
    until(opened, f"document.querySelector('nav [aria-current]').hash === '{last}'")


def test_the_command_is_whole_and_can_be_copied(opened: Any) -> None:
    followed(opened, 360)
    code, button = (opened.find_element("css selector", f".command {tag}") for tag in ("pre", "button"))
    assert opened.execute_script("const e = arguments[0]; return e.scrollWidth <= e.clientWidth", code)
    assert button.is_displayed()
    opened.execute_script("window.copied = ''; navigator.clipboard.writeText = async (t) => { window.copied = t; }")
    opened.execute_script("arguments[0].click()", button)
    until(opened, "document.querySelector('.copy').textContent === 'Copied'")
    assert opened.execute_script("return window.copied") == code.text.strip()


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
