"""Names and contents that would be markup, script, a path, a formula or a mile long, in recordings, terminal and report."""

import contextlib
import csv
import os
import re
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from campaign import SMALL, Case, Place, Row, remove
from opened_pages import started, until, wrong_in

NAMES = {
    "script": "<script>document.title='ran'</script>",
    "image": "<img src=x onerror=\"document.title='ran'\">",
    "end of script": "</script><script>document.title='ran'</script>",
    "attribute": "\" onmouseover=\"document.title='ran'",
    "template": "{{ 7*7 }}{% for x in y %}",
    "plotly": "%{y}<b>n</b><a href=\"javascript:document.title='ran'\">x</a>",
    "JSON": '"};document.title="ran";//',
    "comment": "<!--<script>",
    "entity": "&lt;script&gt;&#60;b",
    "rich markup": "[link=https://example.org]x[/link][bold]",
    "emoji code": ":smile:",
    "terminal": "\x1b]0;ran\x07\x1b[2J",
    "path": "../../../etc/passwd",
    "absolute path": "/etc/passwd",
    "formula": '=HYPERLINK("https://example.org")',
    "formula +": "+cmd|' /C calc'!A1",
    "formula @": "@SUM(1+1)",
    "right to left": "\u202egnp.exe",
    "nothing to see": "\u200b\u2060",
    "combining": "a" + "\u0301" * 500,
    "long": "x" * 10_000,
    "line separators": "a\u2028b\u2029c\x85d",
    "null-like": "nan",
    "surrogates": "\U0001f600\U000e0001",
    "SQL": "'; DROP TABLE trials; --",
    "format": "%s%n{0}{rate_hz}",
    "shell": "$(touch ran)`touch ran`;touch ran",
    "LaTeX": "$\\frac{1}{0}$ \\input{/etc/passwd}",
    "backslashes": "C:\\new\\table\\u0041",
    "spaces": "   ",
}
"""What participants, stimuli, classes and headings are called."""
AS_CLASSES = ("script", "end of script", "plotly", "JSON", "right to left")
"""Names by which classes are called, each in a study of its own."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """Every name, cleaned; all in the report of one study and in the app; some as names of classes."""
    read = []
    for what, name in NAMES.items():
        case = _cleaned(place, what, name)
        yield case
        if case.what.endswith("(exit code 0)"):
            read.append(what)
    _write_all(place, [NAMES[what] for what in read])
    with contextlib.closing(_Pages(place)) as pages:
        yield from _in_a_report(place, pages, read)
        yield from _in_the_app(place, pages, read)
        for what in AS_CLASSES[: count if count < len(AS_CLASSES) else None]:
            yield _as_a_class(place, pages, what, NAMES[what])


class _Pages:
    """A browser, where there is one."""

    def __init__(self, place: Place) -> None:
        self.browser = started(place.folder / "profile")

    def close(self) -> None:
        if self.browser is not None:
            self.browser.quit()

    def wrong_in_file(self, page: Path) -> str:
        """What runs in a page that must not; without a browser nothing is found."""
        if self.browser is None:
            return ""
        self.browser.get(page.as_uri())
        drawn = until(
            lambda: self.browser.execute_script("return document.documentElement.dataset.figures === 'drawn'")
        )
        return wrong_in(self.browser) if drawn else "the figures were not drawn"


def _write(place: Place, name: str) -> None:
    with (place.folder / "hostile.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["participant", "trial", "time_ms", "left_mm", "right_mm", "label", "stimulus", name])
        for trial in range(16):
            who = name if trial < 4 else f"p{trial // 4}"
            stimulus = name if trial % 4 == 0 else f"s{trial % 4}"
            for t in range(40):
                value = 3 + 0.01 * ((trial * 7 + t * 3) % 20)
                table.writerow([who, f"t{trial}", 50 * t, value, value, ("posed", "genuine")[trial % 2], stimulus, "1"])


def _cleaned(place: Place, what: str, name: str) -> Case:
    _write(place, name)
    ended = place.run("clean", "hostile.csv", "--out", "hostile-clean.csv", "--overwrite")
    if ended.code not in (0, 2) or "Traceback" in ended.said:
        return Case(what, False, f"exit code {ended.code}: {ended.said[-600:]}")
    escapes = re.findall(r"\x1b\](?:0|8)|\x1b\[2J", ended.said)
    if escapes or (place.folder / "ran").exists():
        return Case(what, False, "an escape sequence reached the terminal, or a command was run")
    if what.startswith("formula") and ended.code == 0 and "formula" not in ended.said:
        return Case(what, False, "nothing says that a spreadsheet would compute it")
    return Case(f"{what} (exit code {ended.code})", True)


def _write_all(place: Place, names: list[str]) -> None:
    """Each name is a participant who sees four stimuli, which have the names too."""
    with (place.folder / "all.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["participant", "trial", "time_ms", "left_mm", "right_mm", "label", "stimulus"])
        for who, name in enumerate(names):
            for trial in range(4):
                which = (who + trial) % len(names)
                label = ("posed", "genuine")[which % 2]
                for t in range(40):
                    value = round(3 + 0.01 * ((who * 7 + trial * 5 + t * 3) % 20), 4)
                    table.writerow([name, f"t{trial} {name}", 50 * t, value, value, label, f"{names[which]}"])


FEW = ("--seeds", "1", "--permutations", "0", "--draws", "200", "--participant-folds", "2", "--stimulus-folds", "2")


def _raw(name: str, page: str) -> str:
    """Whether markup stands in a page as it is."""
    return "the name stands in the page as it is" if ("<" in name or '"' in name) and name in page else ""


def _in_a_report(place: Place, pages: _Pages, read: list[str]) -> Iterator[Case]:
    remove(place.folder / "all-study")
    given = ("--out", "all-study", *SMALL, *FEW, "--shuffled-folds", "2")
    ended = place.run("evaluate", "all.csv", *given)
    if ended.code:
        yield Case("report of all names", False, ended.said[-900:])
        return
    page = place.folder / "all-study" / "report.html"
    ran, text = pages.wrong_in_file(page), page.read_text(encoding="utf-8")
    for what in read:
        wrong = ran or _raw(NAMES[what], text)
        yield Case(f"report, {what}", not wrong, wrong)


def _in_the_app(place: Place, pages: _Pages, read: list[str]) -> Iterator[Case]:
    """Every participant's trials are shown one after another, with their class, stimulus and trial."""
    if pages.browser is None:
        return
    process = place.start("app", "all.csv", "--no-browser", "--root", ".", variables={"PYTHONUNBUFFERED": "1"})
    try:
        said, found = "", None
        assert process.stdout is not None
        while found is None and (line := process.stdout.readline()):
            said += line
            found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", said)
        if found is None:
            yield Case("the app", False, f"it did not start: {said[-600:]}")
            return
        browser = pages.browser
        browser.get(found[0])
        ask = browser.execute_script
        until(lambda: ask("return document.querySelector('#trial-plot .trace path') !== null"))
        browser.find_element("xpath", "//*[@role='switch' and contains(., 'Show the class')]").click()
        seen: dict[str, str] = {}
        for number in range(1, 4 * len(read) + 1):
            until(
                partial(ask, "return document.querySelector('[data-role=number]').value === arguments[0]", str(number)),
                20,
            )
            shown = ask("return document.querySelector('[data-role=who]').textContent")
            for what in read:
                if NAMES[what].strip()[:40] in shown:
                    seen[what] = seen.get(what, "") or wrong_in(browser)
            ask("document.activeElement.blur()")
            browser.find_element("css selector", "body").send_keys("j")
        browser.find_element("css selector", "[data-tab=data]").click()
        until(lambda: ask("return document.querySelector('.findings') !== null"), 20)
        ran = wrong_in(browser)
        for what in read:
            wrong = ran or seen.get(what, "" if not NAMES[what].isprintable() else "the name was not shown")
            yield Case(f"app, {what}", not wrong, wrong)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.communicate()


def _as_a_class(place: Place, pages: _Pages, what: str, name: str) -> Case:
    """A study of two classes, one called so, whose page is opened."""
    _write(place, name)
    remove(place.folder / "hostile-study")
    renamed = (place.folder / "hostile.csv").read_text(encoding="utf-8").replace(",genuine,", f",{_quoted(name)},")
    (place.folder / "hostile.csv").write_text(renamed, encoding="utf-8")
    given = ("--classes", "posed", name, "--out", "hostile-study", *SMALL, *FEW, "--shuffled-folds", "2")
    ended = place.run("evaluate", "hostile.csv", *given)
    if ended.code:
        return Case(f"class, {what}", ended.code == 2 and "Traceback" not in ended.said, ended.said[-600:])
    page = place.folder / "hostile-study" / "report.html"
    wrong = pages.wrong_in_file(page) or _raw(name, page.read_text(encoding="utf-8"))
    return Case(f"class, {what}", not wrong, wrong)


def _quoted(name: str) -> str:
    """As a cell of a CSV file."""
    return '"' + name.replace('"', '""') + '"'


ROW = Row(
    name="hostile-names",
    done="markup, scripts, paths, formulas, escape sequences and names a mile long, read, cleaned, in a report and in the app",
    must="nothing runs, nothing is written elsewhere, no escape sequence reaches the terminal; of formulas a word is said",
    cases=cases,
    full=5,
)
