"""What every reader keeps: one suite over the table `READERS`. A new reader needs a `write` here and is then tested."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smilejax._util.errors import ReadError
from smilejax.readers import READERS, read, write_bids
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings

RATES = (60.0, 333.33, 1000.0)


def _pupil(unit):
    """`f64[4 trials, 12 samples, 2 eyes]`, every number different: p1 and p2 see a posed, then a genuine smile."""
    return (3 + np.arange(96).reshape(4, 12, 2) / 100).round(2) * {"mm": 1, "au": 100}[unit]


def _time(rate_hz):
    return "time" if rate_hz < 1000 else "time_ms"  # steps of 1 without a unit could count samples


def _write_tidy(folder, rate_hz, pupil):
    rows = [
        (f"p{n % 2 + 1}", f"{n}", 1000 * t / rate_hz, *pupil[n, t], ("posed", "genuine")[n // 2])
        for n in range(4)
        for t in range(12)
        if np.isfinite(pupil[n, t:]).any()
    ]
    path = folder / "tidy.csv"
    pd.DataFrame(rows, columns=["id", "trial", _time(rate_hz), "left", "right", "label"]).to_csv(path, index=False)
    return path


def _write_four_tables(folder, rate_hz, pupil):
    path = folder / "four"
    path.mkdir()
    for k, (eye, label) in enumerate((e, c) for c in ("posed", "genuine") for e in ("left", "right")):
        frame = pd.DataFrame(pupil[2 * (k // 2) :][:2, :, k % 2].T, columns=["p1", "p2"])
        frame.insert(0, _time(rate_hz), np.arange(12) * 1000 / rate_hz)
        frame.to_csv(path / f"{eye}_{label}.csv", index=False)
    return path


def _write_bids(folder, rate_hz, pupil):
    inside = np.isfinite(pupil).any(axis=2)
    trials = Trials(
        pupil=pupil,
        length=[12 - int(np.argmax(row[::-1])) for row in inside],
        rate_hz=rate_hz,
        unit="mm" if np.nanmedian(pupil) < 50 else "au",
        label=[0, 0, 1, 1],
        class_names=("posed", "genuine"),
        trial=("0", "1", "2", "3"),
        participant=("p1", "p2", "p1", "p2"),
    )
    write_bids(trials, folder / "bids")
    return folder / "bids"


WRITERS = {"bids": _write_bids, "tidy": _write_tidy, "four-tables": _write_four_tables}
"""Layouts that can write everything; the others have suites of their own, in files of their names."""


@pytest.fixture(params=WRITERS)
def reader(request):
    return request.param


def test_every_reader_has_a_suite():
    here = Path(__file__).parent
    suites = {path.stem.removeprefix("test_") for path in here.rglob("test_*.py")}
    modules = {r.name: r.read.__module__.rpartition(".")[2] for r in READERS}
    assert not [
        name
        for name, module in modules.items()
        if name not in WRITERS and not {module, name.replace("-", "_"), module.removesuffix("_table")} & suites
    ]
    assert all(r.words and r.software and r.limits for r in READERS)


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("unit", ["mm", "au"])
def test_values_rate_unit_and_labels(tmp_path, reader, rate_hz, unit):
    pupil = _pupil(unit)
    t = read(WRITERS[reader](tmp_path, rate_hz, pupil))
    assert (t.rate_hz, t.unit, t.source.layout) == (rate_hz, unit, reader)
    assert (t.participant, t.label.tolist()) == (("p1", "p2", "p1", "p2"), [0, 0, 1, 1])
    np.testing.assert_allclose(t.pupil, pupil, rtol=1e-6)


def test_unequal_lengths_and_missing_samples(tmp_path, reader):
    pupil = _pupil("mm")
    pupil[1, 7:] = np.nan
    pupil[2, 4, 0] = 0.0
    pupil[2, 5, 1] = -1.0
    pupil[3, 6, 0] = np.nan
    t = read(WRITERS[reader](tmp_path, 60.0, pupil))
    assert t.length.tolist() == [12, 7, 12, 12]
    assert np.argwhere(np.isnan(t.pupil) & t.inside()[..., None]).tolist() == [[2, 4, 0], [2, 5, 1], [3, 6, 0]]


def test_findings_are_complete_and_texts(tmp_path, reader):
    path = WRITERS[reader](tmp_path, 60.0, _pupil("mm"))
    t = read(path)
    what = {f.what for f in t.source.findings}
    assert t.source.name == str(path)
    assert {"delimiter", "encoding", "pupil unit", "missing samples", "time unit", "rate", "largest jitter"} <= what
    assert {"trials per class", "found"} <= what
    assert all(isinstance(f.value, str) and f.value for f in t.source.findings)
    assert {f.how for f in t.source.findings} <= {"given", "recognised", "inferred", "default"}


def test_layout_given_is_the_same(tmp_path, reader):
    path = WRITERS[reader](tmp_path, 60.0, _pupil("mm"))
    np.testing.assert_array_equal(read(path, ReadSettings(layout=reader)).pupil, read(path).pupil)


def test_classes_keep_the_callers_spelling_and_order(tmp_path, reader):
    path = WRITERS[reader](tmp_path, 60.0, _pupil("mm"))
    t = read(path, ReadSettings(classes=("Real", "Fake")))
    assert t.class_names == ("Real", "Fake")
    posed_first = read(path)
    for row, label in enumerate(t.label):  # the same recordings, whatever their order
        twin = np.flatnonzero(posed_first.pupil[:, 0, 0] == t.pupil[row, 0, 0])[0]
        assert posed_first.label[twin] == 1 - label


def test_given_settings_win_and_contradictions_are_refused(tmp_path, reader):
    path = WRITERS[reader](tmp_path, 60.0, _pupil("mm"))
    assert read(path, ReadSettings(unit="px", time_unit="ms", rate_hz=60.0)).unit == "px"
    with pytest.raises(ReadError, match="rate_hz"):
        read(path, ReadSettings(rate_hz=100.0))


def test_labels_may_be_optional(tmp_path, reader):
    path = WRITERS[reader](tmp_path, 60.0, _pupil("mm"))
    assert read(path, labels="optional").label.tolist() == [0, 0, 1, 1]


def test_no_blinks_where_the_file_reports_none(tmp_path, reader):
    t = read(WRITERS[reader](tmp_path, 60.0, _pupil("mm")))
    assert t.blink is None
    assert not any("blink" in f.what for f in t.source.findings)


def test_nothing_at_the_path(tmp_path, reader):
    with pytest.raises(ReadError, match="there is no such file or folder"):
        read(tmp_path / "nothing", ReadSettings(layout=reader))
