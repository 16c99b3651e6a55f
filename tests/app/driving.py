"""The app in a process of its own, and a page of it in Chromium, driven as a person would."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from helpers.children import children_ended, start_child

PATIENCE_S = 90
"""Far more than it takes: two shared cores can be slow."""


class App(NamedTuple):
    """The app in a process of its own, in the folder of its files."""

    address: str
    port: int
    token: str
    folder: Path


@contextmanager
def started(folder: Path, *words: str) -> Iterator[App]:
    """Start the app with a root, and end it."""
    command = [sys.executable, "-m", "smilejax", "app", *words, "--no-browser", "--root", str(folder)]
    with children_ended():
        process = start_child(command, os.environ | {"PYTHONUNBUFFERED": "1"}, stderr=subprocess.STDOUT)
        said = ""
        while (found := re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", said)) is None:
            line = process.stdout.readline()
            assert line, said
            said += line
        yield App(found[0], int(found[1]), found[2], folder)


def until(page: Any, script: str, *given: object) -> Any:
    """Wait until a script answers yes, and give its answer."""
    end = time.monotonic() + PATIENCE_S
    while not (answer := page.execute_script(f"return {script}", *given)):
        assert time.monotonic() < end, script
        time.sleep(0.05)
    return answer


def at(page: Any, selector: str) -> Any:
    return page.find_element("css selector", selector)


def show(page: Any, part: str) -> None:
    """Choose one of the parts."""
    at(page, f"[data-tab={part}]").click()
    shown = "document.querySelector('section.part:not(.away)').getAttribute('aria-label').toLowerCase()"
    until(page, f"{shown} === arguments[0]", part)


def typed(page: Any, selector: str, text: str, enter: bool = True) -> None:
    """Type over what stands in a field."""
    from selenium.webdriver.common.keys import Keys

    place = at(page, selector)
    place.send_keys(Keys.CONTROL, "a")
    place.send_keys(Keys.DELETE, text, *([Keys.ENTER] if enter else []))


def press(page: Any, key: str) -> None:
    """Press a key where nothing has the focus."""
    page.execute_script("document.activeElement.blur()")
    at(page, "body").send_keys(key)


def click(page: Any, words: str) -> None:
    """Press the button with these words that can be seen."""
    seen = "e.checkVisibility({checkVisibilityCSS: true}) && e.textContent.trim().endsWith(arguments[0])"
    found = until(page, f"[...document.querySelectorAll('button')].find(e => {seen})", words)
    page.execute_script("arguments[0].click()", found)  # a dialog may still be moving


def said(page: Any, selector: str, text: str) -> None:
    """Wait until an element that can be seen says this."""
    seen = "e.checkVisibility({checkVisibilityCSS: true}) && e.textContent.includes(arguments[1])"
    until(page, f"[...document.querySelectorAll(arguments[0])].some(e => {seen})", selector, text)
