"""SMI: what the text export holds is what is read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import DATA
from helpers.tracker_files import smi as files
from helpers.tracker_files.damage import DAMAGE, QUICK, survives
from helpers.tracker_files.simulated_pupils import Simulated, simulated
from hypothesis import given

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.samples import PupilUnit, Samples
from smilejax.readers.trackers import smi_begaze
from smilejax.settings import ReadSettings

SETTINGS = ReadSettings()


@pytest.fixture
def pupils() -> Simulated:
    """Pupils of known size."""
    return simulated()


def read(path: Path, settings: ReadSettings = SETTINGS) -> Samples:
    """Read what must be recognised."""
    assert smi_begaze.recognises(Given(path), settings)
    return smi_begaze.read(Given(path), settings)


def found(samples: Samples, what: str) -> str:
    """The value of a finding."""
    return {f.what: f.value for f in samples.findings}[what]


def closed(pupils: Simulated, value: float = 0.0) -> np.ndarray:
    """The pupils with what stands in blinks."""
    return np.where(pupils.blink[:, None], value, pupils.pupil)


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_a_converter_text_is_read(tmp_path: Path, pupils: Simulated, delimiter: str) -> None:
    samples = read(files.text(tmp_path / "a.txt", pupils, delimiter=delimiter))
    np.testing.assert_array_equal(samples.pupil, closed(pupils))
    assert (samples.eyes, samples.units, samples.rate_hz) == (("left", "right"), ("mm", "mm"), 60)
    assert samples.time is not None
    assert samples.time.unit == "us"
    assert samples.time.values.dtype == np.int64
    np.testing.assert_array_equal(samples.time.values, files.microseconds(pupils))
    assert samples.names["participant"].names == ("p7",)
    assert samples.line[0] == 9


def test_the_mapped_diameter_goes_before_pixels(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.text(tmp_path / "a.txt", pupils))
    assert found(samples, "pupil") == "'L Mapped Diameter [mm]', 'R Mapped Diameter [mm]'"
    assert "L Dia X [px]" in samples.unused


SPELLINGS: list[tuple[files.Columns, PupilUnit, float]] = [
    ({"L Dia [mm]": lambda a, b: f"{a:.4f}", "R Dia [mm]": lambda a, b: f"{b:.4f}"}, "mm", 1.0),
    ({"L Pupil Diameter [mm]": lambda a, b: f"{a:.4f}", "R Pupil Diameter [mm]": lambda a, b: f"{b:.4f}"}, "mm", 1.0),
    ({"L Dia X [mm]": lambda a, b: f"{a:.4f}", "R Dia X [mm]": lambda a, b: f"{b:.4f}"}, "mm", 1.0),
    ({"L Area [mm²]": lambda a, b: f"{3 * a:.4f}", "R Area [mm²]": lambda a, b: f"{3 * b:.4f}"}, "mm2", 3.0),
    (
        {
            "L Dia X [px]": lambda a, b: f"{9 * a:.4f}",
            "L Dia Y [px]": lambda a, b: f"{11 * a:.4f}",
            "R Dia X [px]": lambda a, b: f"{9 * b:.4f}",
            "R Dia Y [px]": lambda a, b: f"{11 * b:.4f}",
        },
        "px",
        10.0,
    ),
]


@pytest.mark.parametrize(("columns", "unit", "factor"), SPELLINGS, ids=[next(iter(s[0])) for s in SPELLINGS])
def test_every_spelling_of_the_pupil(
    tmp_path: Path, pupils: Simulated, columns: files.Columns, unit: PupilUnit, factor: float
) -> None:
    samples = read(files.text(tmp_path / "a.txt", pupils, columns))
    assert samples.units == (unit, unit)
    np.testing.assert_allclose(samples.pupil, factor * closed(pupils), rtol=1e-12)


def test_a_mapped_diameter_that_is_all_zero_gives_way_to_pixels(tmp_path: Path, pupils: Simulated) -> None:
    columns = dict(files.MAPPED)
    columns["L Mapped Diameter [mm]"] = columns["R Mapped Diameter [mm]"] = lambda left, right: "0.00"
    samples = read(files.text(tmp_path / "a.txt", pupils, columns))
    assert samples.units == ("px", "px")
    assert "the mean of width and height" in found(samples, "pupil")


def test_a_width_without_a_height_is_no_half_pupil(tmp_path: Path, pupils: Simulated) -> None:
    columns = {"L Dia X [px]": lambda a, b: f"{a:.4f}", "L Dia Y [px]": lambda a, b: "0.00" if a > 4.4 else f"{a:.4f}"}
    left = read(files.text(tmp_path / "a.txt", pupils, columns)).pupil[:, 0]
    np.testing.assert_array_equal(left, np.where(pupils.pupil[:, 0] > 4.4, 0, closed(pupils)[:, 0]))


def test_a_monocular_file_has_one_eye(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.text(tmp_path / "a.txt", pupils, {"R Mapped Diameter [mm]": lambda a, b: f"{b:.4f}"}))
    assert samples.eyes == ("right",)
    assert samples.units == (None, "mm")
    assert np.isnan(samples.pupil[:, 0]).all()


@pytest.mark.parametrize("missing", [".", "-"])
def test_missing_marks(tmp_path: Path, pupils: Simulated, missing: str) -> None:
    samples = read(files.text(tmp_path / "a.txt", pupils, missing=missing))
    np.testing.assert_array_equal(samples.pupil, closed(pupils, np.nan))


def test_blinks_of_the_event_info(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.text(tmp_path / "a.txt", pupils))
    assert samples.blink is not None
    np.testing.assert_array_equal(samples.blink, np.stack([pupils.blink, pupils.blink], axis=1))
    assert read(files.text(tmp_path / "b.txt", pupils, events=False)).blink is None


def test_ragged_messages_are_events(tmp_path: Path, pupils: Simulated) -> None:
    path = files.text(tmp_path / "a.txt", pupils, messages=[(0, "H1.avi"), (30, "key; space"), (30, 'a "quote')])
    samples = read(path)
    assert [e.text for e in samples.events] == ["H1.avi", "key; space", 'a "quote']
    assert [e.time for e in samples.events] == [int(files.microseconds(pupils)[i]) - 10 for i in (0, 30, 30)]
    assert [e.line for e in samples.events] == [9, 40, 41]
    lines = path.read_text().splitlines()
    assert lines[samples.line[30] - 1].startswith(str(files.microseconds(pupils)[30]))
    np.testing.assert_array_equal(samples.pupil, closed(pupils))


def test_a_decimal_comma_is_seen(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.text(tmp_path / "a.txt", pupils, comma=True, delimiter=";"))
    np.testing.assert_array_equal(samples.pupil, closed(pupils))
    assert found(samples, "decimal mark") == "comma"


def test_trials_by_their_column(tmp_path: Path, pupils: Simulated) -> None:
    trial = read(files.text(tmp_path / "a.txt", pupils, trial=lambda sample: 1 + sample // 120)).names["trial"]
    assert [trial.at(row) for row in (0, 119, 120)] == ["1", "1", "2"]


def test_no_confidence_is_invalid(tmp_path: Path, pupils: Simulated) -> None:
    columns = {**files.MAPPED, "Pupil Confidence": lambda a, b: "0" if a > 4.4 else "1"}
    samples = read(files.text(tmp_path / "a.txt", pupils, columns))
    assert samples.invalid is not None
    np.testing.assert_array_equal(samples.invalid[:, 0], closed(pupils)[:, 0] > 4.4)
    assert (samples.pupil[samples.invalid[:, 0], 0] > 4.4).all()


def test_a_file_that_is_cut_between_rows_is_said_to_be(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.text(tmp_path / "a.txt", pupils, written=3381))
    assert found(samples, "samples") == "240 in the file, 3381 by its header: it may be cut"


def test_begaze_raw_data_export(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.raw_data_export(tmp_path / "a.txt", pupils))
    np.testing.assert_array_equal(samples.pupil, closed(pupils, np.nan))
    assert samples.units == ("mm", "mm")
    assert samples.time is not None
    assert samples.time.unit == "ms"
    np.testing.assert_allclose(samples.time.values, 5000 + 1000 * pupils.seconds, atol=1e-3)
    assert {role: names.names for role, names in samples.names.items()} == {
        "participant": ("p7",),
        "trial": ("Trial001",),
        "stimulus": ("H1.avi",),
    }
    assert samples.blink is not None
    np.testing.assert_array_equal(samples.blink.all(axis=1), pupils.blink)
    assert [(e.text, e.line) for e in samples.events] == [("ONSET_H1", 22)]


def test_a_message_without_a_time_is_named(tmp_path: Path, pupils: Simulated) -> None:
    path = files.text(tmp_path / "a.txt", pupils, messages=[(0, "H1")])
    path.write_bytes(path.read_bytes().replace(b"188886768\tMSG", b"soon\tMSG"))
    with pytest.raises(ReadError, match=r"line 9: a message needs a time in us; it stands 'soon' there"):
        read(path)


@pytest.mark.parametrize(
    "text", ["## a comment\na,b\n1,2\n", "time,type\n1,2\n", "", "##\n", "subject;time;left\n1;2;3\n"]
)
def test_other_tables_are_none(write: Callable[..., Path], text: str) -> None:
    assert not smi_begaze.recognises(Given(write("a.txt", text)), SETTINGS)


@QUICK
@given(damage=DAMAGE)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    path = files.text(tmp_path / "a.txt", simulated(16), messages=[(3, "H1"), (9, "H2")])
    survives(path, damage, smi_begaze.read, smi_begaze.recognises)


@QUICK
@given(damage=DAMAGE)
def test_a_damaged_raw_data_export_is_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    path = files.raw_data_export(tmp_path / "a.txt", simulated(30))
    survives(path, damage, smi_begaze.read, smi_begaze.recognises)


def test_the_real_file() -> None:
    path = DATA / "trackers" / "smi" / "laurabishop_PLR.txt"
    if not path.exists():
        pytest.skip("the real recording of SMI is not here")
    samples = read(path)
    frame = pd.read_csv(path, sep=";", skiprows=32)
    np.testing.assert_array_equal(samples.pupil[:, 0], frame["L Pupil Diameter [mm]"])
    np.testing.assert_array_equal(samples.pupil[:, 1], frame["R Pupil Diameter [mm]"])
    assert samples.time is not None
    np.testing.assert_array_equal(samples.time.values, frame["Time"])
    assert (len(samples), samples.rate_hz, samples.units) == (3381, 60, ("mm", "mm"))
    assert samples.names["participant"].names == ("henrik",)
    assert "samples" not in {f.what for f in samples.findings}
