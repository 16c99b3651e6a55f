"""Pupil Labs Neon: what the exported folder holds is what is read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.tracker_files import neon as files
from helpers.tracker_files.damage import DAMAGE, QUICK, survives
from helpers.tracker_files.simulated_pupils import Simulated, simulated
from hypothesis import given

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples
from smilejax.readers.trackers import neon_cloud
from smilejax.settings import ReadSettings

SETTINGS = ReadSettings()


@pytest.fixture
def pupils() -> Simulated:
    """Pupils of known size."""
    return simulated(rate_hz=200)


def read(path: Path, settings: ReadSettings = SETTINGS) -> Samples:
    """Read what must be recognised."""
    assert neon_cloud.recognises(Given(path), settings)
    return neon_cloud.read(Given(path), settings)


def test_a_folder_is_read(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.cloud(tmp_path, pupils, wearer="p7"))
    np.testing.assert_array_equal(samples.pupil, pupils.pupil)
    assert (samples.eyes, samples.units) == (("left", "right"), ("mm", "mm"))
    assert samples.names["participant"].names == ("p7",)
    assert samples.names["recording"].names == (files.FIRST,)


def test_the_table_alone_is_read(tmp_path: Path, pupils: Simulated) -> None:
    samples = read(files.cloud(tmp_path, pupils, wearer="p7") / "3d_eye_states.csv")
    np.testing.assert_array_equal(samples.pupil, pupils.pupil)
    assert "participant" not in samples.names
    assert samples.blink is None


def test_nanoseconds_keep_their_precision(tmp_path: Path, pupils: Simulated) -> None:
    clock = files.nanoseconds(pupils)
    assert (clock.astype(np.float64).astype(np.int64) != clock).any()
    samples = read(files.cloud(tmp_path, pupils, events=[(files.FIRST, int(clock[7]) + 1, "H1")]))
    assert samples.time is not None
    assert samples.time.unit == "ns"
    assert samples.time.values.dtype == np.int64
    np.testing.assert_array_equal(samples.time.values, clock)
    assert samples.events[0].time == int(clock[7]) + 1


def test_an_older_export_has_one_diameter(tmp_path: Path, pupils: Simulated) -> None:
    columns = files.heads("eyeball", eyelids=False, sides=False)
    samples = read(files.cloud(tmp_path, pupils, columns=columns))
    assert (samples.eyes, samples.units) == ((), ("mm", "mm"))
    np.testing.assert_array_equal(samples.pupil[:, 0], pupils.pupil[:, 0])


@pytest.mark.parametrize("eyeball", ["eye ball", "eyeball", "Eyeball"])
def test_spellings_of_the_eyeball_do_not_matter(tmp_path: Path, pupils: Simulated, eyeball: str) -> None:
    samples = read(files.cloud(tmp_path, pupils, columns=files.heads(eyeball)))
    np.testing.assert_array_equal(samples.pupil, pupils.pupil)


def test_eyelids_are_listed_as_not_used(tmp_path: Path, pupils: Simulated) -> None:
    unused = read(files.cloud(tmp_path, pupils)).unused
    assert {"eyelid aperture left [mm]", "eyelid aperture right [mm]"} <= set(unused)


def test_several_recordings_keep_their_blinks_and_events_apart(tmp_path: Path, pupils: Simulated) -> None:
    clock = files.nanoseconds(pupils)
    shut = clock[pupils.blink]
    samples = read(
        files.cloud(
            tmp_path,
            pupils,
            recordings=(files.FIRST, files.SECOND),
            events=[(files.FIRST, int(clock[0]), "H1"), (files.SECOND, int(clock[9]), "A1")],
            blinks=[(files.FIRST, int(clock[0]), int(clock[1])), (files.SECOND, int(shut[0]), int(shut[-1]))],
            wearer="p7",
        )
    )
    assert samples.names["recording"].names == (files.FIRST, files.SECOND)
    assert "participant" not in samples.names
    assert [(e.recording, e.text, e.parts["type"]) for e in samples.events] == [
        (files.FIRST, "H1", "recording"),
        (files.SECOND, "A1", "recording"),
    ]
    assert samples.blink is not None
    np.testing.assert_array_equal(samples.blink[:, 0], np.concatenate([np.arange(len(pupils)) < 2, pupils.blink]))


def test_damaged_info_is_named(tmp_path: Path, pupils: Simulated) -> None:
    folder = files.cloud(tmp_path, pupils, wearer="p7")
    (folder / "info.json").write_text('{"wearer')
    with pytest.raises(ReadError, match=r"info\.json: the file is damaged"):
        read(folder)


def test_an_empty_time_is_named(tmp_path: Path, pupils: Simulated) -> None:
    path = files.cloud(tmp_path, pupils) / "3d_eye_states.csv"
    path.write_text(path.read_text().replace(str(files.START_NS), "", 1))
    with pytest.raises(ReadError, match=r"line 2, column 'timestamp \[ns\]': every sample needs a time"):
        read(path)


def test_other_folders_are_none(write: Callable[..., Path]) -> None:
    path = write("gaze.csv", "recording id,timestamp [ns],gaze x [px]\na,1,2\n")
    assert not neon_cloud.recognises(Given(path), SETTINGS)
    assert not neon_cloud.recognises(Given(path.parent), SETTINGS)


@QUICK
@given(damage=DAMAGE)
def test_damaged_files_are_read_or_refused(tmp_path: Path, damage: tuple[float, int | None]) -> None:
    pupils = simulated(12)
    clock = files.nanoseconds(pupils).tolist()
    folder = files.cloud(
        tmp_path,
        pupils,
        events=[(files.FIRST, clock[0], "H1"), (files.FIRST, clock[3], "A1")],
        blinks=[(files.FIRST, clock[2], clock[5])],
        wearer="p7",
    )
    for name in ("3d_eye_states.csv", "events.csv", "blinks.csv", "info.json"):
        survives(folder / name, damage, neon_cloud.read, neon_cloud.recognises, folder)
