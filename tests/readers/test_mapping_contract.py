"""Every reader's mapping file reads its own file again, and a file of other people, as they were read without it."""

import sys
import tomllib
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import printed, refused, run
from helpers.tracker_files import tobii
from helpers.tracker_files.simulated_pupils import simulated

from smilejax.readers import READERS, load_mapping, read, save_mapping
from smilejax.readers.columns import tracker_columns
from smilejax.settings import ReadSettings

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "experiments" / "faults"))
from damaged import formats  # noqa: E402

# The package that reads Neon's own files leaves them open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

HERE = [form for form in formats.FORMATS if formats.can_be_read(form)]


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture
def others(monkeypatch):
    """The generators write other people, with other pupils, from here on."""

    def change():
        people = tuple((who.replace("p", "q"), trial) for who, trial in formats.PEOPLE)
        monkeypatch.setattr(formats, "PEOPLE", people)
        first = formats.pupils_of
        monkeypatch.setattr(formats, "pupils_of", lambda trial: first(trial) + 0.25)
        monkeypatch.setattr(formats, "PUPILS", simulated(2 * formats.N, seed=12))
        monkeypatch.setattr(formats, "TRUTH", tobii.recorded(samples=formats.N, people=("Q1", "Q2"), seed=2))
        monkeypatch.setattr(formats, "ONE", tobii.recorded(samples=formats.N, people=("Q106",), seed=2))

    return change


def renamed(given: Path) -> Path:
    """The file or folder, with participant q7 instead of p7 in names and in text."""
    for path in sorted([given, *given.rglob("*")], key=lambda p: -len(p.parts)):
        if path.is_file() and path.suffix not in (".hdf5", ".xlsx", ".gz"):
            path.write_bytes(path.read_bytes().replace(b"p7", b"q7").replace(b"P106", b"Q106"))
        if "p7" in path.name:
            path.rename(path.with_name(path.name.replace("p7", "q7")))
    return given.with_name(given.name.replace("p7", "q7"))


def test_every_reader_is_here():
    assert {form.layout for form in formats.FORMATS} == {reader.name for reader in READERS}


@pytest.mark.parametrize("form", HERE, ids=lambda form: form.name)
def test_a_mapping_reads_the_same_file_and_others_of_its_kind_alike(form, tmp_path, others, assert_same):
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
    given = form.write(tmp_path / "one")
    trials = read(given, form.settings, labels="optional")
    path = save_mapping(trials, tmp_path / "map.toml")
    kept = load_mapping(path)
    again = read(given, kept, labels="optional")
    assert_same(trials, again)
    assert trials.start_ms == again.start_ms
    assert load_mapping(save_mapping(again, tmp_path / "again.toml")) == kept  # a mapping of a mapping says the same
    others()
    given = renamed(form.write(tmp_path / "two"))
    expected = read(given, form.settings, labels="optional")
    new = read(given, kept, labels="optional")
    assert_same(expected, new)
    assert not np.array_equal(new.pupil, trials.pupil, equal_nan=True)
    if form.layout not in ("four-tables", "observer-columns"):  # whose people stand in the generator
        assert not set(new.participant) & set(trials.participant)


def test_the_clock_that_was_chosen_is_kept(tmp_path):
    """Of two clocks a mapping names the one that was used, and reading by it keeps its unit."""
    for name, clock in (
        ("Tobii Studio 3", "EyeTrackerTimestamp"),
        ("Tobii SDK", "device_time_stamp"),
        ("E-Prime", "TETTime"),
    ):
        form = next(f for f in HERE if f.name == name)
        trials = read(form.write(tmp_path), form.settings)
        path = save_mapping(trials, tmp_path / f"{form.layout}.toml")
        assert tomllib.loads(path.read_text())["time"] == clock
    # Where the clock that a mapping names is rounded, it is used nevertheless, as one that is named.
    coarse = tobii.write_sdk(tmp_path / "b.csv", formats.TRUTH, coarse="device_time_stamp")
    settings = replace(load_mapping(tmp_path / "tobii-sdk.toml"), time="system_time_stamp")
    assert read(coarse, settings).rate_hz == read(coarse).rate_hz


def test_a_column_of_events_that_a_mapping_names_keeps_its_values():
    heads = ("Event", "Event value")
    found = tracker_columns.event_columns(heads, (("event", "eventvalue"),), ReadSettings(message="Event"))
    assert found == tracker_columns.event_columns(heads, (("event", "eventvalue"),), ReadSettings())
    assert found[0].value == 1


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("time_ms", "clock"), 'time = "time_ms"', "there is no column 'time_ms'"),
        (("left_mm", "l"), 'left = "left_mm"', "there is no column 'left_mm'"),
        (("posed", "sham"), 'classes = ["posed", "genuine"]', "this trial has 'sham'"),
        (("label", "kind"), 'label = "label"', "there is no column 'label'"),
    ],
)
def test_the_line_that_does_not_fit_is_named(change, line, said, tmp_path, capsys):
    given = formats.tidy(tmp_path)
    path = tmp_path / "map.toml"
    printed(capsys, "check", given, "--save-mapping", path)
    given.write_text(given.read_text().replace(*change))
    words = refused(capsys, "train", given, "--mapping", path, "--out", tmp_path / "m")
    number = next(n for n, text in enumerate(lines_of(path), 1) if text.startswith(line))
    assert said in words
    assert f"Line {number} of {path} does not fit these recordings: {line}. Change or delete the line" in words


def test_a_file_of_another_kind_does_not_fit_the_layout(tmp_path, capsys):
    given = formats.tidy(tmp_path)
    path = tmp_path / "map.toml"
    printed(capsys, "check", given, "--save-mapping", path)
    other = formats.asc(tmp_path)
    words = refused(capsys, "clean", other, "--mapping", path)
    assert "does not fit these recordings" in words
    path.write_text('layout = "tidy"\n')
    words = refused(capsys, "clean", other, "--mapping", path)
    assert (
        f'Line 1 of {path} does not fit these recordings: layout = "tidy"; they are recognised as eyelink-asc.' in words
    )
    path.write_text('layout = "tidier"\n')
    assert f'Line 1 of {path} does not fit these recordings: layout = "tidier"' in refused(
        capsys, "check", given, "--mapping", path
    )


def test_an_option_that_overrides_a_line_is_not_the_mappings_fault(tmp_path, capsys):
    given = formats.tidy(tmp_path)
    path = tmp_path / "map.toml"
    printed(capsys, "check", given, "--save-mapping", path)
    words = refused(capsys, "check", given, "--mapping", path, "--time", "clock")
    assert "there is no column 'clock'" in words
    assert "does not fit" not in words
    assert run("check", given, "--mapping", path, "--left", "left_mm") == 0
