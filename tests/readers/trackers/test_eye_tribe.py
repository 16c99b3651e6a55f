"""The Eye Tribe: what the recording holds is what is read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.tracker_files import eye_tribe as files
from helpers.tracker_files.damage import DAMAGE, QUICK, survives
from helpers.tracker_files.simulated_pupils import Simulated, simulated
from hypothesis import given

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.trackers import eye_tribe
from smilejax.settings import ReadSettings

SETTINGS = ReadSettings()
Writer = Callable[[Path, Simulated], Path]


@pytest.fixture
def pupils() -> Simulated:
    """Pupils of known size."""
    return simulated(rate_hz=30)


def read(path: Path, settings: ReadSettings = SETTINGS) -> Samples:
    """Read what must be recognised."""
    assert eye_tribe.recognises(Given(path), settings)
    return eye_tribe.read(Given(path), settings)


def expected(pupils: Simulated) -> np.ndarray:
    """What the files hold."""
    return np.array([files.sizes(pupils, i) for i in range(len(pupils))])


WRITTEN: list[tuple[Writer, str]] = [
    (files.pytribe, "a.tsv"),
    (files.server_log, "a.json"),
    (files.server_log, "a.txt"),
]


@pytest.mark.parametrize(("writer", "name"), WRITTEN, ids=[name for _, name in WRITTEN])
def test_both_formats_are_read(tmp_path: Path, pupils: Simulated, writer: Writer, name: str) -> None:
    samples = read(writer(tmp_path / name, pupils))
    np.testing.assert_array_equal(samples.pupil, expected(pupils))
    assert (samples.eyes, samples.units) == (("left", "right"), ("au", "au"))
    assert samples.time is not None
    assert samples.time.unit == "ms"
    assert samples.time.values.tolist() == files.milliseconds(pupils)
    assert samples.invalid is not None
    np.testing.assert_array_equal(samples.invalid, np.stack([pupils.blink, pupils.blink], axis=1))
    assert samples.line[0] == 2


def test_zero_is_kept_as_the_file_writes_it(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.pytribe(tmp_path / "a.tsv", pupils))
    assert (samples.pupil[pupils.blink] == 0).all()


@pytest.mark.parametrize(
    ("state", "bad"), [*((s, False) for s in (2, 3, 7)), *((s, True) for s in (0, 1, 4, 5, 8, 15, 16))]
)
def test_the_state_is_a_sum_of_bits(tmp_path: Path, pupils: Simulated, state: int, bad: bool) -> None:
    samples = read(files.pytribe(tmp_path / "a.tsv", pupils, state={5: state}))
    assert samples.invalid is not None
    assert samples.invalid[5].tolist() == [bad, bad]
    assert (samples.pupil[5] > 0).all()


def test_ragged_messages_are_events(tmp_path: Path, pupils: Simulated) -> None:
    path = files.pytribe(
        tmp_path / "a.tsv", pupils, messages=[(0, "START"), (30, "ONSET H1\twith a tab"), (31, 'a "quote')]
    )
    samples = read(path)
    clock = files.milliseconds(pupils)
    assert [(e.text, e.time, e.line) for e in samples.events] == [
        ("START", clock[0] - 3, 2),
        ("ONSET H1\twith a tab", clock[30] - 3, 33),
        ('a "quote', clock[31] - 3, 35),
    ]
    np.testing.assert_array_equal(samples.pupil, expected(pupils))
    assert samples.line[31] == 36


def test_a_message_above_the_headings(tmp_path: Path, pupils: Simulated) -> None:
    path = files.pytribe(tmp_path / "a.tsv", pupils)
    path.write_text("MSG\t2016-03-01 09:59:59.000\t90000\tstart of the experiment\n" + path.read_text())
    samples = read(path)
    assert len(samples) == len(pupils)
    assert [e.time for e in samples.events] == [90000]


def test_a_damaged_message_is_named(tmp_path: Path, pupils: Simulated) -> None:
    path = files.pytribe(tmp_path / "a.tsv", pupils)
    path.write_text(path.read_text() + "MSG\t2016-03-01\n")
    with pytest.raises(ReadError, match=r"line 242: a message must be MSG, date, time in ms and text"):
        read(path)


def test_a_cut_line_of_json_is_named(tmp_path: Path, pupils: Simulated) -> None:
    path = files.server_log(tmp_path / "a.json", pupils)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ReadError, match=r"line 241: this is no line of JSON"):
        read(path)


def test_lines_without_a_frame_are_counted(tmp_path: Path, pupils: Simulated) -> None:
    findings = {f.what: f.value for f in read(files.server_log(tmp_path / "a.json", pupils)).findings}
    assert findings["lines left out"] == "1 without a frame"


def test_names_that_were_added(tmp_path: Path, pupils: Simulated) -> None:
    path = files.pytribe(tmp_path / "a.tsv", pupils)
    frame = pd.read_csv(path, sep="\t")
    frame["subject"], frame["trial"] = "p7", "t1"
    frame.to_csv(path, sep="\t", index=False)
    assert {role: names.names for role, names in read(path).names.items()} == {"participant": ("p7",), "trial": ("t1",)}


@pytest.mark.parametrize("text", ["time\tstate\n1\t2\n", '{"frame": 1}\n', "", "MSG\ta\n"])
def test_other_files_are_none(write: Callable[..., Path], text: str) -> None:
    assert not eye_tribe.recognises(Given(write("a.txt", text)), SETTINGS)


@QUICK
@given(damage=DAMAGE)
def test_a_damaged_table_is_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    path = files.pytribe(tmp_path / "a.tsv", simulated(16), messages=[(3, "H1"), (9, "H2")])
    survives(path, damage, eye_tribe.read, eye_tribe.recognises)


@QUICK
@given(damage=DAMAGE)
def test_damaged_json_is_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    path = files.server_log(tmp_path / "a.json", simulated(16))
    survives(path, damage, eye_tribe.read, eye_tribe.recognises)


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".txt", ".log"])
def test_lines_of_json_under_any_of_their_names(tmp_path: Path, pupils: Simulated, suffix: str) -> None:
    samples = read(files.server_log(tmp_path / f"a{suffix}", pupils))
    np.testing.assert_array_equal(samples.pupil, [files.sizes(pupils, i) for i in range(len(pupils))])
