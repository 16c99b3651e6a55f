"""Data Viewer sample reports from known pupils."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class ReportTrial:
    """One trial of a report: pupils `f64[S, 2]`, NaN where an eye was not recorded, and 0 in blinks."""

    session: str
    index: int
    start: int
    pupil: np.ndarray
    blink: np.ndarray
    saccade: np.ndarray
    messages: Mapping[int, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


def table(trials: Sequence[ReportTrial], step: float = 2, tracked: str = "Both") -> dict[str, list[str]]:
    """The report's columns, as text."""
    columns: dict[str, list[str]] = {}

    def put(head: str, values: Sequence[str]) -> None:
        columns.setdefault(head, []).extend(values)

    for trial in trials:
        n = len(trial.pupil)
        put("RECORDING_SESSION_LABEL", [trial.session] * n)
        put("TRIAL_INDEX", [str(trial.index)] * n)
        put("TRIAL_LABEL", [f"Trial: {trial.index}"] * n)
        put("EYE_TRACKED", [tracked] * n)
        put("SAMPLE_INDEX", [str(i + 1) for i in range(n)])
        put("TIMESTAMP", [f"{trial.start + i * step:.2f}" for i in range(n)])
        put("IP_START_TIME", [str(trial.start + 4)] * n)
        put("TRIAL_START_TIME", [str(trial.start)] * n)
        for eye, side in enumerate(("LEFT", "RIGHT")):
            off = np.isnan(trial.pupil[:, eye])
            put(f"{side}_PUPIL_SIZE", [_value(size) for size in trial.pupil[:, eye]])
            put(f"{side}_GAZE_X", ["512.30" if size > 0 else "." for size in trial.pupil[:, eye]])
            for name, marks in (("IN_BLINK", trial.blink), ("IN_SACCADE", trial.saccade)):
                put(
                    f"{side}_{name}", ["." if gone else str(int(m)) for m, gone in zip(marks[:, eye], off, strict=True)]
                )
        put("SAMPLE_MESSAGE", [trial.messages.get(i, ".") for i in range(n)])
        for name, value in trial.variables.items():
            put(name, [value] * n)
    return columns


def write(path: Path, columns: Mapping[str, Sequence[str]], encoding: str = "utf-8", newline: str = "\n") -> Path:
    """Write the columns as tab-separated text."""
    lines = ["\t".join(columns), *("\t".join(row) for row in zip(*columns.values(), strict=True))]
    path.write_bytes((newline.join(lines) + newline).encode(encoding))
    return path


def _value(size: float) -> str:
    return "." if np.isnan(size) else f"{size:.2f}"
