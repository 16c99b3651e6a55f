"""BIDS data sets of eye trackers, written from known truth in the layout of the specification and of eye2bids."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

STANDARD = ("timestamp", "x_coordinate", "y_coordinate", "pupil_size")


def written(value: object) -> str:
    """A cell: `n/a` where missing, whole numbers without a point."""
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    if np.isnan(number):
        return "n/a"
    return str(value) if isinstance(value, int | np.integer) else repr(number)


def table(columns: Sequence[Sequence[object]]) -> str:
    """Columns as the text of a table without a header."""
    return "".join("\t".join(map(written, row)) + "\n" for row in zip(*columns, strict=True))


def packed(path: Path, text: str) -> Path:
    """Write a text packed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def json_file(path: Path, content: Mapping[str, object]) -> Path:
    """Write a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2), "utf-8")
    return path


@dataclass
class EyeFile:
    """One eye of one run: what its file holds, and what its JSON file says of it."""

    eye: str | None = "left"
    label: str = "eye1"
    ticks: Sequence[object] | None = None
    pupil: Sequence[float] = ()
    time_unit: str | None = "ms"
    units: str | None = "mm"
    size: str = "Pupil diameter of the recorded eye."
    rate_hz: float | None = 100.0
    start_s: float | None = 0
    more: dict[str, object] = field(default_factory=dict)

    def columns(self) -> dict[str, Sequence[object]]:
        n = len(self.pupil)
        own: dict[str, Sequence[object]] = {} if self.ticks is None else {"timestamp": self.ticks}
        gaze = np.linspace(100, 900, n).round(2).tolist()
        return {**own, "x_coordinate": gaze, "y_coordinate": gaze[::-1], "pupil_size": self.pupil}

    def about(self) -> dict[str, object]:
        size = {"Description": self.size, **({"Units": self.units} if self.units else {})}
        time = {"timestamp": {"Description": "Clock.", **({"Units": self.time_unit} if self.time_unit else {})}}
        known = {"RecordedEye": self.eye, "SamplingFrequency": self.rate_hz, "StartTime": self.start_s}
        return {
            "PhysioType": "eyetrack",
            "SampleCoordinateSystem": "gaze-on-screen",
            "Columns": list(self.columns()),
            **time,
            "pupil_size": size,
            **{key: value for key, value in known.items() if value is not None},
            **self.more,
        }


def data_set(top: Path) -> Path:
    """The files in the top folder."""
    json_file(top / "dataset_description.json", {"Name": "Made up", "BIDSVersion": "1.11.0", "DatasetType": "raw"})
    (top / "participants.tsv").write_text("participant_id\nsub-01\n")
    return top


def recording(top: Path, file: EyeFile, sub: str = "01", run: str = "", folder: str = "beh") -> Path:
    """The recording of one eye with its JSON file; returns the path of the recording."""
    stem = f"sub-{sub}_task-view" + (f"_run-{run}" if run else "")
    place = top / f"sub-{sub}" / folder
    json_file(place / f"{stem}_recording-{file.label}_physio.json", file.about())
    return packed(place / f"{stem}_recording-{file.label}_physio.tsv.gz", table(list(file.columns().values())))


def tracker_events(recorded: Path, rows: Sequence[Sequence[object]], **about: object) -> Path:
    """What the tracker noted beside a recording: onset, duration, trial_type, blink, message."""
    path = recorded.with_name(recorded.name.replace("_physio.", "_physioevents."))
    columns = ["onset", "duration", "trial_type", "blink", "message"]
    json_file(
        path.with_name(path.name.replace(".tsv.gz", ".json")),
        {"Columns": columns, "OnsetSource": "timestamp"} | about,
    )
    return packed(path, "".join("\t".join(map(written, row)) + "\n" for row in rows))


def task_events(recorded: Path, heads: Sequence[str], rows: Sequence[Sequence[object]], **about: object) -> Path:
    """The events of the task beside a recording."""
    stem = recorded.name.split("_recording-")[0]
    json_file(recorded.with_name(f"{stem}_events.json"), about)
    path = recorded.with_name(f"{stem}_events.tsv")
    path.write_text("\n".join("\t".join(map(written, row)) for row in (heads, *rows)) + "\n", "utf-8")
    return path
