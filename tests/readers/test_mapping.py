"""A mapping file says how recordings are read, and reads them so again."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smilejax
from smilejax import ReadSettings
from smilejax._util.errors import OutputError, SettingsError
from smilejax.readers import load_mapping, save_mapping
from smilejax.readers.columns import column_roles
from smilejax.readers.mapping import for_new_recordings, settings_in_effect, toml_value
from smilejax.recordings.trials import Trials


@given(
    st.recursive(
        st.text(st.characters(codec="utf-8")) | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9),
        lambda one: st.lists(one, max_size=3),
        max_leaves=5,
    )
)
def test_toml_gives_back_what_was_written(value: bool | int | float | str) -> None:
    assert tomllib.loads(f"a = {toml_value(value)}  # x") == {"a": value}


def test_what_was_recognised_is_written_and_reads_the_same(
    tidy: Callable[..., Path], assert_same: Callable[[Trials, Trials], None], tmp_path: Path
) -> None:
    trials = smilejax.read(tidy())
    path = save_mapping(trials, tmp_path / "maps" / "map.toml")
    text = path.read_text()
    assert "time_unit" in text
    assert "# inferred: ms (median step 20)" in text
    assert 'layout = "tidy"' in text
    settings = load_mapping(path)
    assert (settings.participant, settings.trial, settings.left, settings.label) == (
        "subject",
        ("trial",),
        "left",
        "label",
    )
    assert (settings.time_unit, settings.unit) == ("ms", "mm")
    again = smilejax.read(tidy(), settings)
    assert_same(trials, again)
    assert again.source.read is not None
    assert settings_in_effect(again.source.read) == settings
    with pytest.raises(OutputError, match="exists already"):
        save_mapping(trials, path)
    assert save_mapping(again, path, overwrite=True) == path


def test_given_settings_go_before_recognised_ones(tidy: Callable[..., Path], tmp_path: Path) -> None:
    path = tidy()
    settings = ReadSettings(right="left", left="right", classes=("genuine", "posed"), missing=(-5.0,))
    loaded = load_mapping(save_mapping(smilejax.read(path, settings), tmp_path / "map.toml"))
    for name in ("left", "right", "classes", "missing"):
        assert getattr(loaded, name) == getattr(settings, name)


def test_a_heading_that_stands_twice_is_not_kept() -> None:
    heads = ("subject", "trial", "trial", "left", "block")
    found = column_roles.recognise("a.csv", heads, ReadSettings()).findings
    sets = {finding.what: finding.sets for finding in found}
    assert sets["column: trial"] is None
    assert sets["column: block"] is None
    assert sets["column: participant"] == ("participant", "subject")
    assert sets["column: left"] == ("left", "left")


def test_tables_are_named_relative_to_the_mapping(
    tidy: Callable[..., Path], write: Callable[..., Path], tmp_path: Path
) -> None:
    out = write("tables/out.csv", "participant,trial,reason\np2,,asleep\n")
    rows = ["p1,a,{t},3.1,3.2,posed", "p1,b,{t},3.1,3.3,genuine", "p2,a,{t},3.1,3.2,posed"]
    lines = [row.format(t=t) for row in rows for t in range(0, 120, 20)]
    with_p2 = write("tables/more.csv", "subject,trial,stimulus\np1,a,s1\np1,b,s2\np2,a,s1\n")
    settings = ReadSettings(join=(str(with_p2),), exclude=str(out))
    trials = smilejax.read(tidy(*lines), settings)
    path = save_mapping(trials, tmp_path / "maps" / "map.toml")
    values = tomllib.loads(path.read_text())
    assert values["join"] == ["../tables/more.csv"]
    assert values["exclude"] == "../tables/out.csv"
    assert smilejax.read(tidy(*lines), load_mapping(path)).stimulus == trials.stimulus


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('particpant = "a"', r"map\.toml, line 1: 'particpant' is no setting of reading. Is it participant"),
        ("participant = 5", r"map\.toml, line 1: participant must be a text"),
        ('time_unit = "min"', r"map\.toml, line 1: time_unit must be one of"),
        ('classes = ["a"]', r"map\.toml, line 1: classes must be a list of 2"),
        ('classes = ["a", "A"]', r"map\.toml, line 1: classes must be two different words"),
        ("rate_hz = -3", r"map\.toml, line 1: rate_hz"),
        ("a b", r"map\.toml: this is no mapping file"),
        ("\udcff", r"map\.toml: this is no mapping file"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(text: str, message: str, write: Callable[..., Path]) -> None:
    path = write("map.toml", text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=message):
        load_mapping(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_mapping(path.with_name("other.toml"))


def test_one_name_stands_for_a_list_of_one(write: Callable[..., Path]) -> None:
    assert load_mapping(write("map.toml", 'trial = "t"\nwindow_ms = [-1000, 8000]')) == ReadSettings(
        trial=("t",), window_ms=(-1000.0, 8000.0)
    )


def test_trials_from_elsewhere_have_no_mapping(tidy: Callable[..., Path], tmp_path: Path) -> None:
    import dataclasses

    trials = smilejax.read(tidy())
    other = dataclasses.replace(trials, source=dataclasses.replace(trials.source, read=None))
    with pytest.raises(SettingsError, match="not read from a file"):
        save_mapping(other, tmp_path / "map.toml")


def test_new_recordings_are_read_by_columns_and_what_was_given() -> None:
    kept = {
        "given": {"join": ["labels.csv"], "sheet": "a", "missing": [-9.0], "unit": "um"},
        "recognised": {"layout": "tidy", "participant": "who", "time_unit": "ms"},
    }
    assert for_new_recordings(kept) == ReadSettings(participant="who", missing=(-9.0,), unit="um")
    with pytest.raises(SettingsError, match="damaged"):
        for_new_recordings({"given": 3})
