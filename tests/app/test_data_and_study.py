"""Opening, correcting and evaluating in Chromium: files not read as they are, mapping files, studies begun before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from app.driving import App, at, click, said, show, started, typed, until
from app.many_trials import write_trials

from smilejax import ReadSettings, read
from smilejax.readers.mapping import mapping_text

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording, the same with other headings and a mapping file for it, and one without times."""
    made = tmp_path_factory.mktemp("app") / "root"
    made.mkdir()
    write_trials(made / "trials.csv", participants=4, trials=8, samples=40)
    table = pd.read_csv(made / "trials.csv")
    coloured = table.rename(columns={"label": "colour"}).replace({"colour": {"posed": "red", "genuine": "blue"}})
    coloured.to_csv(made / "colours.csv", index=False)
    source = read(made / "colours.csv", ReadSettings(label="colour", classes=("red", "blue"))).source
    (made / "colours.toml").write_text(mapping_text(source, made))
    table.drop(columns="time_ms").to_csv(made / "no_times.csv", index=False)
    return made


@pytest.fixture(scope="module")
def app(folder: Path) -> Iterator[App]:
    with started(folder) as app:
        yield app


@pytest.fixture
def page(app: App, browser: Any) -> Any:
    """The page, opened anew; what is open in the app stays open."""
    browser.get_log("browser")
    browser.get(app.address)
    until(browser, "document.querySelector('[data-role=path]') !== null")
    show(browser, "data")
    return browser


def browsed(page: Any, button: str, name: str) -> None:
    """Choose a file in the dialog that a button opens."""
    click(page, button)
    until(page, "document.querySelector('.q-dialog .entry')")
    found = "[...document.querySelectorAll('.q-dialog .entry')].find(e => e.textContent.trim() === arguments[0])"
    page.execute_script("arguments[0].click()", until(page, found, name))  # it may still be moving
    until(page, "!document.querySelector('.q-dialog')")


def test_a_file_is_chosen_in_the_list(page: Any) -> None:
    browsed(page, "Browse", "trials.csv")
    said(page, ".facts", "16 posed, 16 genuine")
    assert at(page, "[data-role=path]").get_attribute("value") == "trials.csv"


def test_what_cannot_be_read_as_it_is_is_corrected(page: Any) -> None:
    """The rate is asked for at a field that is shown then, and typing it opens the file; until then the one before stays."""
    typed(page, "[data-role=path]", "trials.csv")
    said(page, ".facts", "16 posed, 16 genuine")
    typed(page, "[data-role=path]", "no_times.csv")
    said(page, "[data-role=nothing-open]", "no_times.csv could not be read as it is.")
    said(page, "[data-role=nothing-open]", "Still open in the other parts: trials.csv.")
    until(page, "document.querySelector('input[data-setting=rate_hz]').getBoundingClientRect().height > 10")
    typed(page, "input[data-setting=rate_hz]", "25")
    said(page, ".facts", "25 Hz")
    said(page, ".source", "no_times.csv")


def test_a_mapping_file_is_taken_over(page: Any) -> None:
    click(page, "Recognise all")
    said(page, ".problem", "no column with the time was recognised")
    typed(page, "[data-role=path]", "colours.csv")
    said(page, ".facts", "32 without a class")
    browsed(page, "Use a mapping file", "colours.toml")
    said(page, ".facts", "16 red, 16 blue")
    assert at(page, "input[data-setting=label]").get_attribute("value") == "colour"


def test_a_mapping_is_replaced_only_where_that_is_wanted(page: Any, folder: Path) -> None:
    (folder / "old.toml").write_text("# mine\n")
    typed(page, "[data-role=mapping]", "old.toml", enter=False)
    click(page, "Save mapping")
    said(page, "[data-role=question]", "old.toml exists already.")
    click(page, "Cancel")
    until(page, "!document.querySelector('.q-dialog')")
    assert (folder / "old.toml").read_text() == "# mine\n"
    click(page, "Save mapping")
    click(page, "Replace it")
    said(page, ".done", "Replaced: old.toml")
    assert "colour" in (folder / "old.toml").read_text()


def test_every_field_that_cannot_be_is_marked(page: Any) -> None:
    show(page, "evaluation")
    typed(page, "input[data-setting=seeds]", "abc")
    typed(page, "input[data-setting=permutations]", "-4")
    until(page, "document.querySelectorAll('section.part:not(.away) .q-field--error').length === 2")
    assert at(page, "[data-role=command]").text == ""
    typed(page, "input[data-setting=seeds]", "2")
    typed(page, "input[data-setting=permutations]", "9")
    said(page, "[data-role=command]", "--seeds 2")


def test_a_study_that_was_begun_is_resumed_and_a_finished_one_shown(page: Any, folder: Path) -> None:
    """The form belongs to the study also when the page is opened anew, and in a folder that another start of the app filled."""
    show(page, "evaluation")
    typed(page, "[data-role=out]", "mine", enter=False)
    typed(page, "input[data-setting=permutations]", "19")
    said(page, "[data-role=command]", "/mine --")
    page.refresh()
    show(page, "evaluation")
    said(page, "[data-role=command]", "/mine --")
    assert at(page, "input[data-setting=permutations]").get_attribute("value") == "19"
    start = "[...document.querySelectorAll('button')].find(e => e.textContent.includes('Start')).disabled"
    assert not page.execute_script(f"return {start}")
    (folder / "mine").mkdir()
    (folder / "mine" / "begun.json").write_text("{}")
    typed(page, "[data-role=out]", "mine ", enter=False)
    typed(page, "[data-role=out]", "mine", enter=False)
    said(page, "[data-role=there]", "Resume goes on with it")
    said(page, "[data-role=command]", "--resume")
    said(page, "button", "Resume")
    until(page, start)
    (folder / "mine" / "begun.json").rename(folder / "mine" / "study.json")
    (folder / "mine" / "report.html").write_text("<p>a report</p>")
    said(page, "[data-role=stage]", "This folder holds a finished study")
    said(page, "[data-role=report]", "Open the report")


def test_it_was_quiet(page: Any) -> None:
    assert [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
