"""A setting of reading is used or refused: of every format, each field of `ReadSettings` that is given wrongly gives an error
or other trials where the reader's `USES` names it, and is refused by name where not."""

import sys
import warnings
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.command_line import refused

from smilejax._util.errors import DataWarning, SettingsError, SmilejaxError
from smilejax.readers import READERS, load_mapping, read
from smilejax.readers.used_settings import IN_ORDER, OF_ALL, WHY
from smilejax.settings import ReadSettings

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "experiments" / "faults"))
from damaged import formats  # noqa: E402

# The package that reads Neon's own files leaves them open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

HERE = list({form.layout: form for form in reversed(formats.FORMATS) if formats.can_be_read(form)}.values())
USES = {reader.name: reader.uses for reader in READERS}

WRONG: dict[str, tuple[dict[str, object], ...]] = {
    "classes": ({"classes": ("one", "other")},),
    "layout": ({"layout": "nosuch"},),
    **{
        name: ({name: "nosuch"},)
        for name in (
            *("participant", "time", "left", "right", "pupil", "eye", "label", "stimulus", "smiler", "blink"),
            *("blink_left", "blink_right", "onset", "message", "label_from", "trials_from", "sheet"),
        )
    },
    "trial": ({"trial": ("nosuch",)},),
    "names_from": ({"names_from": ("file: nosuch",)},),
    **{name: ({name: "nosuch.csv"},) for name in ("events", "exclude")},
    "join": ({"join": ("nosuch.csv",)},),
    "columns": ({"columns": ("nosuch",)},),
    "recorded_eye": ({"recorded_eye": "left"}, {"recorded_eye": "right"}),
    "window_ms": ({"window_ms": (0, 20)},),
    "time_unit": tuple({"time_unit": unit} for unit in ("s", "ms", "us", "ns")),
    "unit": ({"unit": "px"},),
    "area": ({"area": True},),
    "rate_hz": ({"rate_hz": 777.0},),
    "orientation": ({"orientation": "row"}, {"orientation": "column"}),
    "decimal": ({"decimal": ","},),
}
"""For each setting values of which at least one is wrong for any file; `missing` and `thousands` follow from the file."""


def quietly(given, settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return read(given, settings, labels="optional")


def wrong(name, usable, trials):
    if name == "missing":
        values = trials.pupil[np.isfinite(trials.pupil)].astype(np.float64)
        return ({"missing": tuple({float(v) for scale in (1, 1e-3) for v in (values[:200] * scale).round(6)})},)
    if name == "thousands":
        return ({"decimal": ",", "thousands": "."},) if usable else ({"thousands": ","},)
    return WRONG[name]


def outcome(given, settings, name, usual):
    """`refused` by name, `used` (another error, or other trials), or `nothing`."""
    try:
        got = quietly(given, settings)
    except SettingsError as error:
        return "refused" if error.setting == name and "is not used" in str(error) else "used"
    except SmilejaxError:
        return "used"
    same = [got.pupil.shape == usual.pupil.shape and np.array_equal(got.pupil, usual.pupil, equal_nan=True)]
    same += [
        getattr(got, field) == getattr(usual, field)
        for field in ("unit", "rate_hz", "class_names", "start_ms", "trial")
    ]
    return "nothing" if all(same) else "used"


def can_use(form, name):
    """Whether the format's file has a use for a setting, by its reader and by what kind of file it is."""
    if name in OF_ALL:
        return True
    if form.name == "ioHub" or (name == "sheet" and form.text):  # HDF5; no workbook
        return False
    return name in USES[form.layout] and (name != "recorded_eye" or form.name in ("wide", "trial columns"))


@pytest.mark.parametrize("form", HERE, ids=lambda form: form.name)
def test_a_wrong_setting_is_an_error_or_is_refused(form, tmp_path):
    given = form.write(tmp_path)
    usual = quietly(given, form.settings)
    known = replace(form.settings, layout=form.layout)
    for name in IN_ORDER:
        usable = can_use(form, name)
        got = {outcome(given, replace(known, **value), name, usual) for value in wrong(name, usable, usual)}
        if usable:
            assert "used" in got, (form.name, name, got)
            assert "refused" not in got, (form.name, name, got)
        else:
            assert got == {"refused"}, (form.name, name, got)


def test_every_setting_is_here():
    assert {*WRONG, "missing", "thousands"} == set(IN_ORDER) == {field.name for field in fields(ReadSettings)}
    for name, uses in USES.items():
        assert uses <= set(IN_ORDER) - OF_ALL, name
        assert set(IN_ORDER) - OF_ALL - uses <= WHY.keys(), name
    for name in ("tidy", "eyelink-data-viewer"):
        assert set(IN_ORDER) - OF_ALL - USES[name] == {"orientation"}
    trackers = (
        "pupil-core",
        "neon-cloud",
        "gazepoint",
        "eye-tribe",
        "smi",
        *(n for n in USES if n.startswith("tobii")),
    )
    for name in (*trackers, "eprime-gazedata", "psychopy-iohub"):
        assert {"participant", "trial", "label", "stimulus", "smiler", "message", "time", "time_unit"} <= USES[name]


@pytest.mark.parametrize(
    "form",
    [form for form in HERE if {"left", "recorded_eye"} <= USES[form.layout] and form.text and form.name != "BIDS"],
    ids=lambda form: form.name,
)
def test_the_eye_that_was_recorded_is_used_where_no_column_names_it(form, tmp_path):
    given = form.write(tmp_path)
    usual = quietly(given, form.settings)
    found = next(finding.value for finding in usual.source.findings if finding.what == "column: left")
    one = replace(form.settings, pupil=found.split("'")[1])
    got = [quietly(given, replace(one, recorded_eye=eye)).pupil for eye in ("left", "right")]
    assert np.isnan(got[0][..., 1]).all()
    np.testing.assert_array_equal(got[0][..., 0], got[1][..., 1])
    np.testing.assert_array_equal(got[0][..., 0], usual.pupil[..., 0])


def test_the_message_names_option_layout_and_what_it_takes(tmp_path, capsys):
    given = formats.core(tmp_path)
    with pytest.raises(SettingsError, match="left is not used by the layout pupil-core") as caught:
        read(given, ReadSettings(left="nosuch"))
    assert caught.value.setting == "left"
    words = refused(capsys, "check", given, "--left", "nosuch")
    assert "--left is not used by the layout pupil-core (Pupil Labs Core: pupil_positions.csv" in words
    assert "fixed by the format. Of such settings it takes --participant, --trial, --time, --label" in words
    assert "Leave --left out" in words
    book = formats.observer_columns(tmp_path / "books") if (tmp_path / "books").mkdir() is None else None
    words = refused(capsys, "check", book, "--rate-hz", "50", "--participant", "who")
    assert "--participant is not used by the layout observer-columns" in words
    assert "--names-from, --label-from, --trials-from and --join give them" in words


def test_a_mapping_is_refused_by_its_line(tmp_path, capsys):
    given = formats.core(tmp_path)
    path = tmp_path / "map.toml"
    path.write_text('layout = "pupil-core"\nblink = "b"\n')
    words = refused(capsys, "check", given, "--mapping", path)
    assert "--blink is not used by the layout pupil-core" in words
    assert f'Line 2 of {path} does not fit these recordings: blink = "b"' in words
    with pytest.raises(SettingsError, match="blink is not used"):
        read(given, load_mapping(path))


def test_of_a_mixture_a_setting_is_used_where_one_part_uses_it(tmp_path):
    tidy = formats.tidy(tmp_path)
    tidy.write_text(tidy.read_text().replace("left_mm", "x").replace("p1", "q1").replace("p2", "q2"))
    report = formats.data_viewer(tmp_path)
    asc = formats.asc(tmp_path)
    labelled = ReadSettings(left="x", label="label", unit="au")
    assert {part.partition("1")[0] for part in quietly([tidy], labelled).participant} == {"q", "q2"}
    with pytest.raises(SettingsError, match="left is not used by the layout eyelink-asc"):
        read([asc], ReadSettings(left="x"))
    with pytest.raises(SmilejaxError) as caught:  # the other file lacks the column; nothing is said of the layout
        read([tidy, report], ReadSettings(left="x"))
    assert "is not used" not in str(caught.value)
    with pytest.raises(SettingsError, match=r"orientation is not used by the layout tidy .* and eyelink-asc"):
        read([tidy, asc], ReadSettings(orientation="row"))


def table(**columns):
    frame = pd.DataFrame({"id": "p", "trial": np.repeat(["a", "b"], 20), "time_ms": np.tile(np.arange(20) * 20, 2)})
    return frame.assign(label=np.repeat(["posed", "genuine"], 20), **columns)


def test_of_a_workbook_sheet_and_decimal_are_used_where_they_can_be(tmp_path):
    values = np.linspace(3, 4, 40).round(3)
    path = tmp_path / "a.xlsx"
    table(left_mm=values).to_excel(path, index=False, sheet_name="S")
    assert len(read(path, ReadSettings(sheet="S"))) == 2
    for settings in (ReadSettings(decimal=","), ReadSettings(thousands=",")):
        with pytest.raises(SettingsError, match=r"is not used by the layout tidy .*numbers are not written as text"):
            read(path, settings)
    table(left_mm=[str(v).replace(".", ",") for v in values]).to_excel(path, index=False)
    np.testing.assert_allclose(read(path, ReadSettings(decimal=",")).pupil[0, :20, 0], values[:20], rtol=1e-6)


def test_a_unit_of_time_and_an_eye_that_have_no_effect_are_refused():
    both = table(left_mm=3.25, right_mm=3.5)
    with pytest.raises(
        SettingsError, match="recorded_eye is not used: the recordings say which eyes they hold: left and"
    ):
        read(both, ReadSettings(recorded_eye="left"))
    dated = both.assign(time_ms=pd.to_datetime(both["time_ms"], unit="ms")).rename(columns={"time_ms": "time"})
    with pytest.raises(SettingsError, match="time_unit is not used: the time stands in dates"):
        read(dated, ReadSettings(time_unit="ms"))
    with pytest.raises(SettingsError, match="time_unit is not used: no column of time was recognised"):
        read(both.drop(columns="time_ms"), ReadSettings(time_unit="ms", rate_hz=50))


def test_the_eye_that_was_recorded_settles_files_that_do_not_say_it(tmp_path):
    table(left_mm=3.25, right_mm=3.5).to_csv(tmp_path / "a.csv", index=False)
    table(pupil_mm=3.75).assign(id="q").to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(SmilejaxError, match=r"b\.csv does not say which eye it holds.*recorded_eye left"):
        quietly(tmp_path, ReadSettings())
    for lane, eye in enumerate(("left", "right")):
        pupil = quietly(tmp_path, ReadSettings(recorded_eye=eye)).pupil
        assert np.isfinite(pupil[2:, :, lane]).all()
        assert np.isnan(pupil[2:, :, 1 - lane]).all()
        assert np.isfinite(pupil[:2]).all()


def test_a_decimal_mark_of_a_joined_table_is_used(tmp_path):
    given = formats.asc(tmp_path)
    labels = tmp_path / "labels.csv"
    labels.write_text("trial;label;onset\nA1;posed;5,5\nH1;genuine;6,5\n")
    join = replace(formats.MESSAGES, label_from=None, join=(str(labels),))
    assert len(quietly(given, replace(join, decimal=","))) == 2
    with pytest.raises(SettingsError, match="decimal is not used by the layout eyelink-asc"):
        read(given, replace(formats.MESSAGES, decimal=","))
