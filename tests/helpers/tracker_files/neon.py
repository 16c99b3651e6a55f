"""Exports and recordings of Pupil Labs Neon, written from known pupils."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from helpers.tracker_files.simulated_pupils import Simulated

START_NS = 1_700_000_000_123_456_789
"""A time that no float64 tells from its neighbours."""

FIRST, SECOND = "1f2e3d4c-0000-4000-8000-000000000001", "1f2e3d4c-0000-4000-8000-000000000002"


def nanoseconds(pupils: Simulated) -> npt.NDArray[np.int64]:
    """The clock of the file."""
    return START_NS + np.round(pupils.seconds * 1e9).astype(np.int64)


def heads(eyeball: str = "eye ball", *, eyelids: bool = True, sides: bool = True) -> list[str]:
    """Headings of `3d_eye_states.csv`, newer or older."""
    found = ["section id", "recording id", "timestamp [ns]"]
    found += ["pupil diameter left [mm]", "pupil diameter right [mm]"] if sides else ["pupil diameter [mm]"]
    for side in ("left", "right"):
        found += [f"{eyeball} center {side} {axis} [mm]" for axis in "xyz"]
        found += [f"optical axis {side} {axis}" for axis in "xyz"]
    if eyelids:
        for side in ("left", "right"):
            found += [
                f"eyelid angle top {side} [rad]",
                f"eyelid angle bottom {side} [rad]",
                f"eyelid aperture {side} [mm]",
            ]
    return found


def cloud(
    folder: Path,
    pupils: Simulated,
    *,
    columns: Sequence[str] | None = None,
    recordings: Sequence[str] = (FIRST,),
    events: Sequence[tuple[str, int, str]] = (),
    blinks: Sequence[tuple[str, int, int]] = (),
    wearer: str | None = None,
) -> Path:
    """Write a folder of time series. All recordings hold the same pupils at the same times.

    Arguments:
        events: recording, time in ns, name.
        blinks: recording, begin and end in ns.
        wearer: name in `info.json`; None writes none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    columns = heads() if columns is None else columns
    lines = [",".join(columns)]
    for recording in recordings:
        for time, (left, right) in zip(nanoseconds(pupils).tolist(), pupils.pupil.tolist(), strict=True):
            start = ["s", recording, str(time)]
            start += [f"{left}"] if "pupil diameter [mm]" in columns else [f"{left}", f"{right}"]
            lines.append(",".join([*start, *["0.25"] * (len(columns) - len(start))]))
    (folder / "3d_eye_states.csv").write_text("\n".join(lines) + "\n")
    rows = ["recording id,timestamp [ns],name,type", *(f"{r},{t},{name},recording" for r, t, name in events)]
    (folder / "events.csv").write_text("\n".join(rows) + "\n")
    rows = ["section id,recording id,blink id,start timestamp [ns],end timestamp [ns],duration [ms]"]
    rows += [f"s,{r},{i},{a},{b},{(b - a) // 1_000_000}" for i, (r, a, b) in enumerate(blinks, 1)]
    (folder / "blinks.csv").write_text("\n".join(rows) + "\n")
    if wearer is not None:
        (folder / "info.json").write_text(json.dumps({"wearer_name": wearer, "recording_id": recordings[0]}))
    return folder


EYE_STATE = np.dtype(
    [
        (name, "<f4")
        for side in ("left", "right")
        for name in (
            f"pupil_diameter_{side}_mm",
            *(f"eyeball_center_{side}_{axis}" for axis in "xyz"),
            *(f"optical_axis_{side}_{axis}" for axis in "xyz"),
        )
    ]
)


def native(
    folder: Path,
    pupils: Simulated,
    *,
    eye_state: bool = True,
    events: Sequence[tuple[int, str]] = (),
    blinks: Sequence[tuple[int, int]] = (),
) -> Path:
    """Write a recording as the phone keeps it: raw series, each with its times."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "info.json").write_text(json.dumps({"recording_id": FIRST, "start_time": START_NS, "duration": 10**10}))
    (folder / "wearer.json").write_text(json.dumps({"uuid": FIRST, "name": "p7"}))
    clock = nanoseconds(pupils).astype("<i8")
    (folder / "gaze ps1.raw").write_bytes(np.zeros((len(pupils), 2), "<f4").tobytes())
    (folder / "gaze ps1.time").write_bytes(clock.tobytes())
    if eye_state:
        states = np.zeros(len(pupils), EYE_STATE)
        states["pupil_diameter_left_mm"], states["pupil_diameter_right_mm"] = pupils.pupil.T
        (folder / "eye_state ps1.raw").write_bytes(states.tobytes())
        (folder / "eye_state ps1.time").write_bytes(clock.tobytes())
    if blinks:
        (folder / "blinks ps1.raw").write_bytes(np.array(blinks, "<i8").tobytes())
        (folder / "blinks ps1.time").write_bytes(np.array([a for a, _ in blinks], "<i8").tobytes())
    if events:
        (folder / "event.txt").write_text("\n".join(text for _, text in events) + "\n")
        (folder / "event.time").write_bytes(np.array([time for time, _ in events], "<i8").tobytes())
    return folder
