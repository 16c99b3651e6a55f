"""Names and contents that would be markup, script, a path, a formula or a mile long, in recordings, terminal and report."""

import csv
import re
from collections.abc import Callable, Iterator

from campaign import SMALL, Case, Place, Row, remove

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
REPORTED = ("script", "end of script", "plotly", "JSON", "right to left")
"""Names with which a whole study is made and its page opened; the others are read, cleaned and written."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """Every name as participant, stimulus, smiler and in a heading, cleaned and written; then some in whole studies."""
    for what, name in NAMES.items():
        for check in CHECKS:
            yield check(place, what, name)
    for what in REPORTED[: count if count < len(REPORTED) else None]:
        yield _reported(place, what, NAMES[what])


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


CHECKS: tuple[Callable[[Place, str, str], Case], ...] = (_cleaned,)
"""What is done with every name. Whatever else shows names to a reader, as an app does, adds its check here."""


def _reported(place: Place, what: str, name: str) -> Case:
    """A study whose page is opened: its title must stay what it is. Without a browser, the page is looked through."""
    _write(place, name)
    remove(place.folder / "hostile-study")
    few = ("--seeds", "1", "--permutations", "0", "--draws", "200", "--participant-folds", "2", "--stimulus-folds", "2")
    ended = place.run("evaluate", "hostile.csv", "--out", "hostile-study", *SMALL, *few, "--shuffled-folds", "2")
    if ended.code:
        return Case(f"report, {what}", ended.code == 2 and "Traceback" not in ended.said, ended.said[-600:])
    page = (place.folder / "hostile-study" / "report.html").read_text(encoding="utf-8")
    raw = name in page if "<" in name or '"' in name else False
    return Case(f"report, {what}", not raw, "the name stands in the page as it is")


ROW = Row(
    name="hostile-names",
    done="markup, scripts, paths, formulas, escape sequences and names a mile long, read, cleaned, and in a report",
    must="nothing runs, nothing is written elsewhere, no escape sequence reaches the terminal; of formulas a word is said",
    cases=cases,
    full=5,
)
