"""Trials written as a tidy table and read again."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import OutputError
from smilejax.readers import read, write_tidy
from smilejax.readers.files.raw_table import SUFFIXES
from smilejax.readers.write_tables import write_table
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

RNG = np.random.default_rng(3)


def trials(unit="mm", rate_hz=60.0, scale=1.0, label=(1, 0, 1), **names):
    pupil = RNG.uniform(2.5, 6.5, (3, 9, 2)).astype(np.float32) * np.float32(scale)
    pupil[0, 2:4, 0] = np.nan
    pupil[1, 5:7] = np.nan  # the end of a shorter trial: its length must survive
    pupil[2, 0] = np.nan
    return Trials(
        pupil=pupil,
        length=np.array([9, 7, 8]),
        rate_hz=rate_hz,
        unit=unit,
        label=np.array(label),
        class_names=("posed", "genuine"),
        trial=("01", "b, c", '"d"'),
        participant=("1", "1", "\u00c5sa"),
        **names,
    )


NAMED = {"stimulus": ("v1", "v2", "v1"), "smiler": ("x", "x", "y")}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("missing", ["", "-1"])
def test_round_trip(tmp_path, suffix, missing, assert_same):
    t = trials(**NAMED)
    write_tidy(t, tmp_path / f"t{suffix}", missing=missing)
    assert_same(t, read(tmp_path / f"t{suffix}"))
    assert [p.name for p in tmp_path.iterdir()] == [f"t{suffix}"]


BLINK = np.zeros((3, 9, 2), bool)
BLINK[0, 2:5, 0] = True
BLINK[1, 6:] = True  # the last sample of a shorter trial, and its padding
BLINK[2, 3, 1] = True


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("missing", ["", "-1"])
def test_round_trip_of_blinks(tmp_path, suffix, missing, assert_same):
    for blink in (BLINK, BLINK & [True, False], np.zeros_like(BLINK), np.ones_like(BLINK)):
        t = trials(**NAMED, blink=blink)
        write_tidy(t, tmp_path / f"t{suffix}", missing=missing)
        back = read(tmp_path / f"t{suffix}")
        assert_same(t, back)
        assert not back.blink[~back.inside()].any()


@pytest.mark.parametrize("rate_hz", [30.0, 333.33, 1000.0, 1000 / 3])
@pytest.mark.parametrize(("unit", "scale"), [("mm", 1.0), ("au", 1000.0), ("px", 20.0), ("au", 1.0)])
def test_round_trip_of_rates_and_units(tmp_path, rate_hz, unit, scale, assert_same):
    t = trials(unit, rate_hz, scale)
    write_tidy(t, tmp_path / "t.csv", missing="NA")
    back = read(tmp_path / "t.csv")
    assert_same(t, back)
    assert back.rate_hz == pytest.approx(rate_hz, rel=1e-9)


def test_unlabelled_trials(tmp_path, assert_same):
    for label in ((UNLABELLED,) * 3, (0, UNLABELLED, 1)):
        t = trials(label=label)
        write_tidy(t, tmp_path / "t.csv")
        assert_same(t, read(tmp_path / "t.csv", labels="optional"))


def test_text_of_the_file(tmp_path):
    write_tidy(trials(rate_hz=50.0, **NAMED), tmp_path / "t.csv", missing="NA")
    lines = (tmp_path / "t.csv").read_text("utf-8").splitlines()
    assert lines[0] == "participant,trial,stimulus,smiler,label,time_ms,left_mm,right_mm"
    assert lines[2].startswith("1,01,v1,x,genuine,20.0,")
    assert lines[3].startswith("1,01,v1,x,genuine,40.0,NA,")
    assert len(lines) == 1 + 9 + 7 + 8


def test_text_of_blinks(tmp_path):
    write_tidy(trials(rate_hz=50.0, blink=BLINK), tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text("utf-8").splitlines()
    assert lines[0] == "participant,trial,label,time_ms,left_mm,right_mm,blink_left,blink_right"
    assert [line[-3:] for line in lines[1:10]] == ["0,0", "0,0", "1,0", "1,0", "1,0", "0,0", "0,0", "0,0", "0,0"]
    assert lines[16].endswith(",1,1")
    frame = pd.read_csv(tmp_path / "t.csv")
    assert frame[["blink_left", "blink_right"]].sum().tolist() == [4, 2]


def test_written_file_is_replaced_whole(tmp_path, assert_same):
    first, second = trials(), trials(rate_hz=120.0)
    write_tidy(first, tmp_path / "t.parquet")
    write_tidy(second, tmp_path / "t.parquet")
    assert_same(second, read(tmp_path / "t.parquet"))


def test_refusals(tmp_path, monkeypatch):
    t = trials()
    with pytest.raises(OutputError, match=r"t.doc: the suffix '.doc' is not among those written: .csv"):
        write_tidy(t, tmp_path / "t.doc")
    with pytest.raises(OutputError, match=r"only text files can hold 'NA'"):
        write_tidy(t, tmp_path / "t.parquet", missing="NA")
    with pytest.raises(OutputError, match=r"cannot be written"):
        write_tidy(t, Path("/dev/null/t.csv"))
    monkeypatch.setattr("smilejax.readers.write_tables.EXCEL_ROWS", 10)
    with pytest.raises(OutputError, match=r"a sheet holds 9 rows below its headings; this table has 24. Use .parquet"):
        write_tidy(t, tmp_path / "t.xlsx")
    monkeypatch.undo()
    formula = trials(stimulus=("=1+1", "b", "c"))
    with pytest.raises(OutputError, match=r"would not give back the stimulus '=1\+1'"):
        write_tidy(formula, tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_real_file_round_trip(real_file, tmp_path, assert_same):
    t = read(real_file, settings := ReadSettings(classes=("Easy", "Hard")))
    write_tidy(t, tmp_path / "t.tsv")
    assert_same(t, read(tmp_path / "t.tsv", settings))
    assert pd.read_csv(tmp_path / "t.tsv", sep="\t").shape == (28800, 6)


@pytest.mark.parametrize("start_ms", [-2000.0, -50.0, 100.0])
def test_time_zero_comes_back(tmp_path, start_ms, assert_same):
    t = trials(**NAMED, start_ms=start_ms)
    for suffix in (".csv", ".parquet"):
        write_tidy(t, tmp_path / f"t{suffix}")
        again = read(tmp_path / f"t{suffix}")
        assert again.start_ms == pytest.approx(start_ms, abs=1e-6)
        assert_same(t, again)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
def test_probabilities_of_32_bits_have_at_most_nine_digits(tmp_path, suffix):
    values = np.concatenate([RNG.random(300), RNG.random(20) * 1e-6]).astype(np.float32)
    path = tmp_path / f"p{suffix}"
    write_table(pd.DataFrame({"p_genuine": values}), path)
    if suffix == ".xlsx":
        back = pd.read_excel(path)["p_genuine"].to_numpy()
        texts = [repr(float(value)) for value in back]
    else:
        texts = path.read_text().split()[1:]
    digits = [len(text.partition("e")[0].replace(".", "").lstrip("0")) for text in texts]
    assert len(digits) == 320
    assert max(digits) <= 9
    np.testing.assert_array_equal(np.array(texts, np.float64).astype(np.float32), values)
