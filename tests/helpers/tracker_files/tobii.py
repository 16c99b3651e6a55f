"""Files as Tobii's programs, and those that use its SDK, write them, from simulated pupils."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Truth:
    """What was recorded: S samples of all participants, one after the other.

    Arguments:
        time_us: `i64[S]`, on the tracker's clock, which begins anew with each participant.
        pupil: `f64[S, 2]` in mm, NaN where an eye was lost.
        participant: S names.
        stimulus: S names, empty where nothing was shown.
        label: S classes, empty where nothing was shown.
    """

    time_us: npt.NDArray[np.int64]
    pupil: npt.NDArray[np.float64]
    participant: tuple[str, ...]
    stimulus: tuple[str, ...]
    label: tuple[str, ...]

    @cached_property
    def lost(self) -> npt.NDArray[np.bool_]:
        """`bool[S, 2]`: where an eye was lost."""
        return np.asarray(np.isnan(self.pupil))


def recorded(rate_hz: float = 60.0, people: Sequence[str] = ("P1", "P2"), samples: int = 40, seed: int = 1) -> Truth:
    """Two stimuli for each participant, with a pause of ten samples before each; blinks of both eyes, and of one."""
    rng = np.random.default_rng(seed)
    one = 2 * (samples + 10)
    shown = [*[""] * 10, *["smile_a"] * samples, *[""] * 10, *["smile_b"] * samples]
    label = {"": "", "smile_a": "posed", "smile_b": "genuine"}
    time, pupil, who = [], [], []
    for i, person in enumerate(people):
        time.append(1_000_000 * (i + 1) + np.round(np.arange(one) * 1e6 / rate_hz).astype(np.int64))
        values = np.round(3.2 + 0.3 * i + rng.normal(0, 0.05, (one, 2)) + [0, 0.4], 3)
        values[14:20] = np.nan
        values[70:74, 0] = np.nan
        pupil.append(values)
        who += [person] * one
    stimulus = tuple(shown * len(people))
    return Truth(np.concatenate(time), np.concatenate(pupil), tuple(who), stimulus, tuple(label[s] for s in stimulus))


def _starts(truth: Truth) -> list[bool]:
    """Whether a stimulus begins with a sample."""
    before = ("", *truth.stimulus[:-1])
    return [bool(s) and s != b for s, b in zip(truth.stimulus, before, strict=True)]


def _number(value: float, decimal: str = ".", missing: str = "") -> str:
    return missing if np.isnan(value) else f"{value:.3f}".replace(".", decimal)


def _text(rows: Sequence[Sequence[str]], delimiter: str = "\t", newline: str = "\r\n") -> str:
    return "".join(delimiter.join(row) + newline for row in rows)


def pro_lab_rows(
    truth: Truth,
    *,
    time_head: str = "Recording timestamp [μs]",
    unit: str = " [mm]",
    decimal: str = ".",
    sensor: bool = True,
    filtered: bool = True,
    pupil_every: int = 1,
    behind_invalid: float | None = None,
    recording: str = "Recording1",
) -> list[list[str]]:
    """Rows of Pro Lab's data export: rows of the mouse and of events stand between those of the eye tracker."""
    heads = [
        time_head,
        "Sensor",
        "Participant name",
        "Recording name",
        "Event",
        "Event value",
        "Gaze point X [DACS px]",
    ]
    heads += [f"Pupil diameter left{unit}", f"Pupil diameter right{unit}", "Pupil diameter filtered" + unit]
    heads += ["Validity left", "Validity right", "Presented Stimulus name", "Mouse position X [DACS px]"]
    rows = [heads]
    scale = 1000 if time_head == "Recording timestamp [ms]" else 1
    for i, start in enumerate(_starts(truth)):
        time, who, stimulus = str(truth.time_us[i] // scale), truth.participant[i], truth.stimulus[i]
        if start:
            row = [time, "", who, recording, "VideoStimulusStart", stimulus, *[""] * 6, stimulus, ""]
            rows.append(row)
        if i % 7 == 0:
            rows.append([time, "Mouse", who, recording, *[""] * 8, stimulus, "512"])
        lost = truth.lost[i]
        shown = [_number(v, decimal) for v in truth.pupil[i]]
        if behind_invalid is not None:
            shown = [_number(behind_invalid, decimal) if bad else s for s, bad in zip(shown, lost, strict=True)]
        if i % pupil_every:
            shown = ["", ""]
        mean = "" if lost.all() else _number(float(np.nanmean(truth.pupil[i])), decimal)
        valid = ["Invalid" if bad else "Valid" for bad in lost]
        gaze = "" if lost.all() else "960"
        rows.append([time, "Eye Tracker", who, recording, "", "", gaze, *shown, mean, *valid, stimulus, ""])
    left_out = {i for i, head in enumerate(heads) if head == "Sensor" and not sensor}
    left_out |= {i for i, head in enumerate(heads) if "filtered" in head and not filtered}
    return [[cell for i, cell in enumerate(row) if i not in left_out] for row in rows]


def write_pro_lab(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    """Write rows as a text file, tab between cells; UTF-16 with its mark."""
    path.write_bytes(_text(rows).encode(encoding))
    return path


STUDIO_HEADS = (
    *("ExportDate", "StudioVersionRec", "StudioProjectName", "StudioTestName", "ParticipantName", "RecordingName"),
    *("RecordingDate", "RecordingDuration", "RecordingResolution", "FixationFilter", "MediaName", "MediaPosX (ADCSpx)"),
    *(
        "RecordingTimestamp",
        "LocalTimeStamp",
        "EyeTrackerTimestamp",
        "MouseEventIndex",
        "MouseEvent",
        "KeyPressEventIndex",
    ),
    *("KeyPressEvent", "StudioEventIndex", "StudioEvent", "StudioEventData", "ExternalEventIndex", "ExternalEvent"),
    *("ExternalEventValue", "FixationIndex", "SaccadeIndex", "GazeEventType", "GazeEventDuration"),
    *("GazePointLeftX (ADCSpx)", "GazePointRightX (ADCSpx)", "EyePosLeftZ (ADCSmm)", "CamLeftX", "DistanceLeft"),
    *("DistanceRight", "PupilLeft", "PupilRight", "ValidityLeft", "ValidityRight", ""),
)
"""Headings of Studio 3 in their order; the last is empty, as every line ends with a tab."""


def write_studio(
    path: Path,
    truth: Truth,
    *,
    eye_tracker_clock: bool = True,
    missing: str = "",
    lost_code: str = "4",
    behind_lost: str | None = None,
    decimal: str = ".",
    good_code: str = "0",
) -> Path:
    """Studio 3's export: whole milliseconds, a tab at the end of each line, events in rows without the tracker's time."""
    heads = [h for h in STUDIO_HEADS if eye_tracker_clock or h != "EyeTrackerTimestamp"]
    rows = [heads]

    def add(values: dict[str, str]) -> None:
        rows.append([values.get(head, "") for head in heads])

    first = truth.time_us[0]
    for i, start in enumerate(_starts(truth)):
        first = truth.time_us[i] if i == 0 or truth.participant[i] != truth.participant[i - 1] else first
        whose = {"ParticipantName": truth.participant[i], "RecordingName": f"Rec {truth.participant[i]}"}
        whose |= {"MediaName": truth.stimulus[i], "RecordingTimestamp": str((truth.time_us[i] - first) // 1000)}
        if start:
            add({**whose, "StudioEvent": "MovieStart", "StudioEventData": truth.stimulus[i]})
        lost = truth.lost[i]
        left, right = (_number(v, decimal, behind_lost if behind_lost is not None else missing) for v in truth.pupil[i])
        codes = {
            f"Validity{side}": lost_code if bad else good_code
            for side, bad in zip(("Left", "Right"), lost, strict=True)
        }
        add({**whose, "EyeTrackerTimestamp": str(truth.time_us[i]), "PupilLeft": left, "PupilRight": right, **codes})
    path.write_bytes(_text(rows).encode("utf-8-sig"))
    return path


ABOVE = (
    "System Properties:\r\nOperating System:\t Microsoft Windows NT 5.1.2600\r\n\r\nData properties:\r\n\r\n"
    "Recording name:\t Rec 62\r\n"
    "Recording date:\t 27/09/2011\r\n\r\nParticipant:\t P106\r\nParticipant properties:\r\n\r\nGlasses:\t none\r\n\r\n"
)


def write_studio_all_data(path: Path, truth: Truth) -> Path:
    """Studio 1 and 2, 'All Data': lines about the recording above the headings, missing -1, every line ends with a tab."""
    heads = [
        "Timestamp",
        "Number",
        "PupilLeft",
        "ValidityLeft",
        "PupilRight",
        "ValidityRight",
        "Event",
        "StimuliName",
        "",
    ]
    rows = [heads]
    for i, start in enumerate(_starts(truth)):
        time, stimulus = str(truth.time_us[i] // 1000), truth.stimulus[i]
        if start:
            rows.append([time, "", "", "", "", "", "MovieStart", "", ""])
        shown = [_number(v, ".", "-1") for v in truth.pupil[i]]
        codes = ["4" if bad else "0" for bad in truth.lost[i]]
        rows.append([time, str(i), shown[0], codes[0], shown[1], codes[1], "", stimulus, ""])
    path.write_bytes((ABOVE + _text(rows)).encode("latin-1"))
    return path


def write_sdk(
    path: Path,
    truth: Truth,
    *,
    delimiter: str = ",",
    titta: bool = False,
    coarse: str = "",
    behind_invalid: float | None = None,
    newline: str = "\n",
) -> Path:
    """The SDK's gaze data as `csv` or pandas write it; points of gaze are tuples in cells; `coarse` names a rounded clock."""
    mark = "valid" if titta else "validity"
    heads = ["device_time_stamp", "system_time_stamp", "left_gaze_point_on_display_area", "left_pupil_diameter"]
    heads += [f"left_pupil_{mark}", "right_pupil_diameter", f"right_pupil_{mark}", "participant", "stimulus", "label"]
    rows = [heads]
    for i, time in enumerate(truth.time_us):
        stamps = {"device_time_stamp": int(time), "system_time_stamp": int(time) + 1_564_666_170_000_000}
        if coarse:
            stamps[coarse] = stamps[coarse] // 100_000 * 100_000
        point = "(0.1375, 0.6365)"
        cells = [str(stamps[head]) for head in heads[:2]] + [f'"{point}"' if delimiter == "," else point]
        for value, bad in zip(truth.pupil[i], truth.lost[i], strict=True):
            shown = behind_invalid if bad and behind_invalid is not None else value
            cells += [_number(shown, ".", "nan"), str(not bad) if titta else str(int(not bad))]
        rows.append([*cells, truth.participant[i], truth.stimulus[i], truth.label[i]])
    path.write_bytes(_text(rows, delimiter, newline).encode())
    return path


def write_gazedata(
    path: Path,
    truth: Truth,
    *,
    new: bool = True,
    code: Callable[[bool], str] | None = None,
    missing: str = "-1",
    behind_invalid: float | None = None,
    tet_per_ms: int = 1000,
) -> Path:
    """E-Prime's .gazedata of either generation, with custom columns behind it; `code` is the mark of an eye, lost or not."""
    code = code or ((lambda lost: "0" if lost else "1") if new else (lambda lost: "4" if lost else "0"))
    size = "PupilDiameter{}Eye" if new else "DiameterPupil{}Eye"
    mark = "PupilValidity{}Eye" if new else "Validity{}Eye"
    heads = ["Subject", "Session", "ID", "TETTime", "RTTime", "CursorX", size.format("Left"), mark.format("Left")]
    heads += [size.format("Right"), mark.format("Right"), "TrialId", "CurrentObject", "SmileType"]
    rows = [heads]
    trial = {"smile_a": "1", "smile_b": "2", "": ""}
    for i, time in enumerate(truth.time_us):
        cells = [
            truth.participant[i],
            "1",
            str(i + 1),
            str(int(time) * tet_per_ms // 1000),
            str(int(time) // 1000),
            "512",
        ]
        for value, bad in zip(truth.pupil[i], truth.lost[i], strict=True):
            shown = behind_invalid if bad and behind_invalid is not None else value
            cells += [_number(shown, ".", missing), code(bool(bad))]
        rows.append([*cells, trial[truth.stimulus[i]], truth.stimulus[i] or "Fixation", truth.label[i]])
    path.write_bytes(_text(rows).encode("utf-8-sig"))
    return path
