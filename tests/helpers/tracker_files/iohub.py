"""Files as PsychoPy's ioHub writes them, from simulated pupils."""

import json
from pathlib import Path

import h5py
import numpy as np
from helpers.tracker_files.tobii import Truth

BASE = [
    *(("experiment_id", "u4"), ("session_id", "u4"), ("device_id", "u2"), ("event_id", "u4"), ("type", "u1")),
    *(("device_time", "f8"), ("logged_time", "f8"), ("time", "f8"), ("confidence_interval", "f4"), ("delay", "f4")),
    ("filter_id", "i2"),
]
"""Fields that every event of ioHub has."""

OF_EYE = [("gaze_x", "f4"), ("pupil_measure1", "f4"), ("pupil_measure1_type", "u1"), ("pupil_measure2", "f4")]


def write_iohub(
    path: Path,
    truth: Truth,
    *,
    monocular: int | None = None,
    kind: int = 77,
    conditions: bool = True,
    status: bool = True,
    behind_lost: float = 0.0,
) -> Path:
    """An HDF5 file with a session for each participant; `monocular` is 21 for the left eye alone, 22 for the right."""
    people = list(dict.fromkeys(truth.participant))
    session = np.array([people.index(p) + 1 for p in truth.participant])
    with h5py.File(path, "w") as file:
        both, one = (_samples(truth, session, eye, kind, status, behind_lost) for eye in (None, monocular or 21))
        eyes = file.create_group("data_collection/events/eyetracker")
        eyes["BinocularEyeSampleEvent"] = both if monocular is None else both[:0]
        eyes["MonocularEyeSampleEvent"] = one[:0] if monocular is None else one
        file["data_collection/events/experiment/MessageEvent"] = _messages(truth, session)
        file["data_collection/session_meta_data"] = _sessions(people)
        if conditions:
            file["data_collection/condition_variables/EXP_CV_1"] = _conditions(truth, session)
    return path


def _samples(
    truth: Truth, session: np.ndarray, eye: int | None, kind: int, status: bool, behind_lost: float
) -> np.ndarray:
    sides = ("left_", "right_") if eye is None else ("",)
    fields = [*BASE, *(() if eye is None else (("eye", "u1"),))]
    fields += [(side + name, type_) for side in sides for name, type_ in OF_EYE] + [("status", "u1")]
    table = np.zeros(len(session), fields)
    table["experiment_id"], table["session_id"] = 1, session
    table["event_id"] = np.arange(len(session))
    table["time"] = truth.time_us / 1e6
    shown = np.where(truth.lost, behind_lost, truth.pupil)
    if eye is None:
        table["left_pupil_measure1"], table["right_pupil_measure1"] = shown.T
        table["left_pupil_measure1_type"] = table["right_pupil_measure1_type"] = kind
        table["status"] = (truth.lost @ [20, 2]) if status else 0
    else:
        lane = 0 if eye == 21 else 1
        table["eye"], table["pupil_measure1"], table["pupil_measure1_type"] = eye, shown[:, lane], kind
        table["status"] = truth.lost[:, lane] * 2 if status else 0
    return table


def _starts(truth: Truth) -> list[int]:
    before = ("", *truth.stimulus[:-1])
    return [i for i, (s, b) in enumerate(zip(truth.stimulus, before, strict=True)) if s and s != b]


def _messages(truth: Truth, session: np.ndarray) -> np.ndarray:
    starts = _starts(truth)
    table = np.zeros(len(starts), [*BASE, ("msg_offset", "f4"), ("category", "S32"), ("text", "S128")])
    table["experiment_id"], table["session_id"] = 1, session[starts]
    table["time"] = truth.time_us[starts] / 1e6
    table["text"] = [f"ONSET_{truth.stimulus[i]}".encode() for i in starts]
    return table


def _sessions(people: list[str]) -> np.ndarray:
    fields = [("session_id", "u4"), ("experiment_id", "u4"), ("code", "S24"), ("name", "S48"), ("comments", "S256")]
    table = np.zeros(len(people), [*fields, ("user_variables", "S2048")])
    table["experiment_id"], table["session_id"] = 1, np.arange(1, len(people) + 1)
    table["code"] = [f"{p}_2026-11-27".encode() for p in people]
    table["user_variables"] = [json.dumps({"participant": p, "session": "001"}).encode() for p in people]
    return table


def _conditions(truth: Truth, session: np.ndarray) -> np.ndarray:
    starts = _starts(truth)
    fields = [("EXPERIMENT_ID", "u4"), ("SESSION_ID", "u4"), ("TRIAL_START", "f8"), ("TRIAL_END", "f8")]
    table = np.zeros(len(starts), [*fields, ("stimulus", "S64"), ("condition", "S64")])
    table["EXPERIMENT_ID"], table["SESSION_ID"] = 1, session[starts]
    table["TRIAL_START"] = truth.time_us[starts] / 1e6
    for row, i in zip(table, starts, strict=True):
        length = next((n for n, s in enumerate(truth.stimulus[i:]) if s != truth.stimulus[i]), len(truth.stimulus) - i)
        row["TRIAL_END"] = truth.time_us[i + length - 1] / 1e6
        row["stimulus"], row["condition"] = truth.stimulus[i].encode(), truth.label[i].encode()
    return table
