"""Pupil Labs Neon: a recording's own folder, by the library of its maker where that is installed, else by a stand-in."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from helpers.tracker_files import neon as files
from helpers.tracker_files.damage import DAMAGE, QUICK, survives
from helpers.tracker_files.simulated_pupils import Simulated, simulated
from hypothesis import given

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.trackers import neon_native
from smilejax.settings import ReadSettings

SETTINGS = ReadSettings()


@pytest.fixture
def pupils() -> Simulated:
    """Pupils of known size."""
    return simulated(rate_hz=200)


@pytest.fixture
def library() -> None:
    """The real library."""
    pytest.importorskip(
        "pupil_labs.neon_recording", reason="pupil-labs-neon-recording (the extra neon) is not installed"
    )


def of_the_library(test: Callable[..., None]) -> Callable[..., None]:
    """A test that needs the library, which leaves files for the interpreter to close."""
    for mark in (
        pytest.mark.usefixtures("library"),
        pytest.mark.filterwarnings("ignore::ResourceWarning"),
        pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    ):
        test = mark(test)
    return test


class Series(SimpleNamespace):
    """A stand-in for one of the library's series."""

    def __len__(self) -> int:
        return len(next(iter(vars(self).values())))


class Recording:
    """A stand-in for the library's recording: a series that was not recorded cannot be had."""

    class SensorError(Exception):
        """What the library raises."""

    def __init__(self, **series: object) -> None:
        self._series = series

    def __getattr__(self, name: str) -> object:
        if name not in self._series:
            raise Recording.SensorError(f"error loading '{name}' stream") from AttributeError(f"No {name} data found")
        if isinstance(self._series[name], Exception):
            raise Recording.SensorError(f"error loading '{name}' stream") from self._series[name]
        return self._series[name]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a stand-in where the library would be, which opens a recording with these series."""

    def put(**series: object) -> None:
        module = ModuleType(neon_native.LIBRARY)
        module.open = lambda folder: Recording(**series)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "pupil_labs", ModuleType("pupil_labs"))
        monkeypatch.setitem(sys.modules, neon_native.LIBRARY, module)

    return put


def read(path: Path) -> Samples:
    """Read what must be recognised."""
    assert neon_native.recognises(Given(path), SETTINGS)
    return neon_native.read(Given(path), SETTINGS)


def series(pupils: Simulated) -> Series:
    """The pupils as the library gives them."""
    left, right = pupils.pupil.T.astype(np.float32)
    return Series(time=files.nanoseconds(pupils), diameter_left=left, diameter_right=right)


def check(samples: Samples, pupils: Simulated) -> None:
    """Assert that a recording is the one written."""
    np.testing.assert_array_equal(samples.pupil, pupils.pupil.astype(np.float32))
    assert samples.time is not None
    assert samples.time.unit == "ns"
    assert samples.time.values.dtype == np.int64
    np.testing.assert_array_equal(samples.time.values, files.nanoseconds(pupils))
    assert (samples.eyes, samples.units) == (("left", "right"), ("mm", "mm"))
    assert samples.names["participant"].names == ("p7",)
    assert samples.blink is not None
    np.testing.assert_array_equal(samples.blink, np.stack([pupils.blink, pupils.blink], axis=1))
    assert [(e.time, e.text) for e in samples.events] == [
        (files.START_NS + 5, "recording.begin"),
        (files.START_NS + 77, "H1"),
    ]


EVENTS = [(files.START_NS + 5, "recording.begin"), (files.START_NS + 77, "H1")]


def shut(pupils: Simulated) -> tuple[int, int]:
    """Begin and end of the blink."""
    clock = files.nanoseconds(pupils)[pupils.blink]
    return int(clock[0]), int(clock[-1])


@of_the_library
def test_the_library_reads_a_recording(tmp_path: Path, pupils: Simulated) -> None:
    check(read(files.native(tmp_path, pupils, events=EVENTS, blinks=[shut(pupils)])), pupils)


@of_the_library
def test_the_library_finds_no_eye_state(tmp_path: Path, pupils: Simulated) -> None:
    with pytest.raises(ReadError, match="the recording has no eye state"):
        read(files.native(tmp_path, pupils, eye_state=False))


@of_the_library
@QUICK
@given(damage=DAMAGE)
def test_damaged_files_are_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    pupils = simulated(20)
    folder = files.native(tmp_path, pupils, events=EVENTS, blinks=[shut(pupils)])
    for name in (
        "eye_state ps1.raw",
        "eye_state ps1.time",
        "event.txt",
        "event.time",
        "blinks ps1.raw",
        "info.json",
        "wearer.json",
    ):
        survives(folder / name, damage, neon_native.read, neon_native.recognises, folder)


def test_a_stand_in_reads_a_recording(tmp_path: Path, pupils: Simulated, stand_in: Callable[..., None]) -> None:
    times, texts = zip(*EVENTS, strict=True)
    begin, end = shut(pupils)
    stand_in(
        pupil=series(pupils),
        events=Series(time=np.array(times), event=np.array(texts)),
        blinks=Series(start_time=np.array([begin]), stop_time=np.array([end])),
        wearer={"name": "p7", "uuid": "1"},
    )
    check(read(files.native(tmp_path, pupils)), pupils)


def test_a_recording_without_blinks_or_events(tmp_path: Path, pupils: Simulated, stand_in: Callable[..., None]) -> None:
    stand_in(pupil=series(pupils))
    samples = read(files.native(tmp_path, pupils))
    assert samples.blink is None
    assert samples.events == ()
    assert dict(samples.names) == {}


def test_without_eye_state_the_remedy_is_named(
    tmp_path: Path, pupils: Simulated, stand_in: Callable[..., None]
) -> None:
    stand_in()
    with pytest.raises(ReadError, match=r"no eye state\. Upload it to Pupil Cloud"):
        read(files.native(tmp_path, pupils))


def test_a_damaged_series_is_named(tmp_path: Path, pupils: Simulated, stand_in: Callable[..., None]) -> None:
    stand_in(pupil=series(pupils), blinks=ValueError("buffer size must be a multiple of element size"))
    with pytest.raises(ReadError, match=r"the series 'blinks' is damaged \(buffer size"):
        read(files.native(tmp_path, pupils))


@pytest.mark.parametrize(
    ("name", "size", "numbers"),
    [
        ("eye_state ps1.time", 80, r"'eye_state ps1.raw' \(20 entries\) and 'eye_state ps1.time' \(10 entries\)"),
        ("eye_state ps1.raw", 560, r"'eye_state ps1.raw' \(10 entries\) and 'eye_state ps1.time' \(20 entries\)"),
        ("eye_state ps1.time", 153, r"'eye_state ps1.time' \(19.125 entries\)"),
        ("eye_state ps2.raw", 56, r"'eye_state ps2.raw' \(1 entry\) and 'eye_state ps2.time' \(no such file\)"),
        ("eye_state ps2.time", 8, r"'eye_state ps2.raw' \(no such file\) and 'eye_state ps2.time' \(1 entry\)"),
        ("blinks ps1.raw", 16, r"'blinks ps1.raw' \(1 entry\) and 'blinks ps1.time' \(2 entries\).* the blinks and"),
        ("event.time", 8, r"'event.txt' \(2 entries\) and 'event.time' \(1 entry\).* the events and"),
        ("event.txt", 16, r"'event.txt' \(1 entry\) and 'event.time' \(2 entries\)"),
    ],
)
def test_entries_without_a_time_are_refused(
    tmp_path: Path, stand_in: Callable[..., None], name: str, size: int, numbers: str
) -> None:
    """The library leaves them out, and gives what follows in another part the times of others."""
    pupils = simulated(20)
    stand_in(pupil=series(pupils))
    folder = files.native(tmp_path, pupils, events=EVENTS, blinks=[shut(pupils)] * 2)
    assert len(read(folder).pupil) == len(pupils)
    file = folder / name
    file.write_bytes((file.read_bytes() if file.exists() else bytes(size))[:size])
    with pytest.raises(ReadError, match=numbers):
        read(folder)


def test_entries_are_as_long_as_their_file_describes_them(tmp_path: Path, stand_in: Callable[..., None]) -> None:
    pupils = simulated(20)
    stand_in(pupil=series(pupils))
    folder = files.native(tmp_path, pupils)
    (folder / "eye_state ps1.raw").write_bytes(bytes(20 * 60))
    with pytest.raises(ReadError, match=r"'eye_state ps1.raw' \(21.42857143 entries\)"):
        read(folder)
    (folder / "eye_state.dtype").write_text(repr([*files.EYE_STATE.descr, ("eyelid_angle", "<f4")]))
    assert len(read(folder).pupil) == 20
    (folder / "eye_state.dtype").write_text("[('pupil', '<f")
    with pytest.raises(ReadError, match=r"eye_state\.dtype: this does not describe the entries"):
        read(folder)


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, pupils: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, neon_native.LIBRARY, None)
    with pytest.raises(ReadError, match=r"pip install 'smilejax\[neon\]'"):
        read(files.native(tmp_path, pupils))


def test_an_exported_folder_is_none(tmp_path: Path, pupils: Simulated) -> None:
    assert not neon_native.recognises(Given(files.cloud(tmp_path, pupils, wearer="p7")), SETTINGS)
