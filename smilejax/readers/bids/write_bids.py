"""`Trials` as a BIDS 1.11 data set that `read` gives back, and that others read who know nothing of this package."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax import __version__
from smilejax._util.errors import OutputError
from smilejax._util.files import claim, write_folder_atomically
from smilejax._util.json_files import json_bytes
from smilejax.readers.bids.bids import ORDER, PARTICIPANT_NAME
from smilejax.readers.bids.bids_files import DESCRIPTION, MISSING, DataSet
from smilejax.recordings.recorded_eyes import recorded_eyes
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.trials import Trials
from smilejax.settings.checks import require_kind, require_path

BIDS_VERSION = "1.11.0"
TASK = "view"
GENERATOR = "smilejax"
PROVENANCE = "Provenance"
"""Key of the description under which it stands where the trials came from and how they were read."""

GAP_S = 1.0
"""Time between two trials, which follow each other on one clock: how far apart they were recorded is not known."""

PUPIL_UNITS = {"mm": "mm", "au": "a.u.", "px": "pixel"}

COLUMNS: dict[str, dict[str, str]] = {
    "timestamp": {"Description": "Time of the sample, from the first sample of the file.", "Units": "ms"},
    "x_coordinate": {"Description": "Gaze position (x): not converted, always n/a.", "Units": "pixel"},
    "y_coordinate": {"Description": "Gaze position (y): not converted, always n/a.", "Units": "pixel"},
}

EVENT_COLUMNS: dict[str, dict[str, object]] = {
    "onset": {"Description": "Time of the trial's first sample, from the first sample of the recording.", "Units": "s"},
    "duration": {"Description": "Length of the trial.", "Units": "s"},
    "trial": {"Description": "Name of the trial, unique within a participant."},
    "stimulus": {"Description": "Name of the stimulus."},
    "smiler": {"Description": "The person who smiles in the stimulus."},
    "time_zero": {
        "Description": "The trial's time zero, the onset of its stimulus, on the clock of onset.",
        "Units": "s",
    },
    ORDER: {"Description": "Position of the trial in what was converted, from 1."},
}

README = """# Pupil recordings

{trials} trials of {participants}, written by smilejax {version} from {source}.

Each participant has one recording, in which the trials follow each other with gaps of {gap} s: the pauses of the experiment are
not known. Rows between two trials, and samples that were not measured, are n/a. `events.tsv` says where each trial begins, how
long it is, its class (`trial_type`), its name, stimulus and time zero. Gaze was not converted.
"""


@dataclass(frozen=True, eq=False)
class _Timeline:
    """The trials of one participant one after the other: their rows in `Trials`, and the first sample of each."""

    trials: Trials
    rows: list[int]
    first: npt.NDArray[np.int64]

    @property
    def length(self) -> npt.NDArray[np.int64]:
        return self.trials.length[self.rows].astype(np.int64)

    @property
    def samples(self) -> int:
        return int(self.first[-1] + self.length[-1])

    def seconds(self, samples: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return samples / self.trials.rate_hz

    def ticks(self, samples: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Timestamps, in ms as trackers write them."""
        return samples.astype(np.float64) * 1000.0 / self.trials.rate_hz

    def laid_out(self, values: npt.NDArray[np.generic], between: float) -> npt.NDArray[np.generic]:
        """Values `[N, T]` of all trials, on the samples of this one recording."""
        out = np.full(self.samples, between, values.dtype)
        for row, first, length in zip(self.rows, self.first.tolist(), self.length.tolist(), strict=True):
            out[first : first + length] = values[row, :length]
        return out


def write_bids(
    trials: Trials,
    folder: str | Path,
    *,
    description: Mapping[str, object] | None = None,
    provenance: Mapping[str, object] | None = None,
    overwrite: bool = False,
) -> None:
    """Write trials as a BIDS data set: a folder per participant, a file per eye, and a table of the trials.

    Arguments:
        trials: what to write.
        folder: to be made.
        description: entries of `dataset_description.json`, as `{"Name": "Smiles", "License": "CC0", "Authors": ["A. Person"]}`.
        provenance: what else is to be known about where the trials came from, as JSON.
        overwrite: whether a data set that this package wrote there may be replaced.

    Raises:
        OutputError: something stands there already, the place cannot be written, or BIDS cannot hold a name.
    """
    require_kind(trials, "trials", Trials)
    require_path(folder, "folder")
    path = claim_folder(Path(folder), overwrite=overwrite)
    check_names({what: getattr(trials, what) for what in ("participant", "trial", "stimulus", "smiler")})
    files = _top_files(trials, description or {}, provenance or {})
    labels = participant_labels(trials.participant)

    def write(to: Path) -> None:
        for name, content in files.items():
            (to / name).write_bytes(content)
        for participant, label in labels.items():
            place = to / f"sub-{label}" / "beh"
            place.mkdir(parents=True)
            for name, content in _recording(trials, participant).items():
                (place / f"sub-{label}_task-{TASK}_{name}").write_bytes(content)

    write_folder_atomically(path, write, replace=overwrite)


def claim_folder(folder: Path, *, overwrite: bool) -> Path:
    """Check, before any work, that a data set may be written there. Returns the absolute path.

    Raises:
        OutputError: something stands there, and it is not to be overwritten or is no data set that this package wrote.
    """
    path = claim(folder, overwrite=overwrite, what="folder")
    if path.is_file():
        raise OutputError(f"{path} is a file, where a folder is to be written.", hint="Name another.")
    if path.is_dir() and any(path.iterdir()) and not _is_own(path):
        raise OutputError(
            f"{path} holds something else than a data set that smilejax wrote, and is not replaced.",
            hint="Name another folder.",
        )
    return path


def _is_own(path: Path) -> bool:
    made = DataSet(path).description.get("GeneratedBy") if (path / DESCRIPTION).is_file() else None
    return isinstance(made, list) and any(isinstance(by, dict) and by.get("Name") == GENERATOR for by in made)


def check_names(names: Mapping[str, Iterable[str] | None]) -> None:
    """Refuse names that a table of BIDS would not give back.

    Arguments:
        names: of participants, trials, stimuli and smilers, by these words in the singular; None where there are none.

    Raises:
        OutputError: naming one of them.
    """
    for what, given in names.items():
        for name in dict.fromkeys(given or ()):
            empty = not name and what in ("participant", "trial")
            if empty or name != name.strip() or name.casefold() == MISSING or any(ord(c) < 32 for c in name):
                raise OutputError(
                    f"the {what} {name!r} cannot be written: in tables of BIDS a name has no tab, line break or outer space, "
                    f"and is not empty or {MISSING!r}.",
                    hint="Rename it, or write a tidy table.",
                )


def participant_labels(participant: Iterable[str]) -> dict[str, str]:
    """A label of letters and digits for every participant: the name where all are such names, else its number."""
    names = list(dict.fromkeys(participant))
    plain = all(re.fullmatch("[0-9a-zA-Z]+", name) for name in names)
    if plain and len({name.casefold() for name in names}) == len(names):
        return {name: name for name in names}
    width = max(2, len(str(len(names))))
    return {name: f"{number:0{width}}" for number, name in enumerate(names, 1)}


def _top_files(trials: Trials, description: Mapping[str, object], provenance: Mapping[str, object]) -> dict[str, bytes]:
    """The files in the top folder."""
    people = participant_labels(trials.participant)
    renamed = any(name != label for name, label in people.items())
    heads = ["participant_id", PARTICIPANT_NAME] if renamed else ["participant_id"]
    rows = [[f"sub-{label}", name][: len(heads)] for name, label in people.items()]
    columns = {"participant_id": {"Description": "Participant whose pupil was recorded."}}
    if renamed:
        columns[PARTICIPANT_NAME] = {"Description": "Name of the participant in what was converted."}
    about = {
        "Name": "Pupil recordings",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        **description,
        "GeneratedBy": [
            {
                "Name": GENERATOR,
                "Version": __version__,
                "Description": f"Pupils of {len(trials)} trials, read from {trials.source.name} ({trials.source.layout}).",
            }
        ],
        PROVENANCE: {"source": trials.source.as_json(), **provenance},
    }
    n = len(people)
    readme = README.format(
        trials=len(trials),
        participants=f"{n} participant" + ("s" if n != 1 else ""),
        version=__version__,
        source=trials.source.name,
        gap=f"{GAP_S:g}",
    )
    return {
        DESCRIPTION: json_bytes(about),
        "README.md": readme.encode(),
        "participants.tsv": tsv_bytes(heads, rows),
        "participants.json": json_bytes(columns),
        f"task-{TASK}_events.json": json_bytes(_about_events(trials)),
    }


def _about_events(trials: Trials) -> dict[str, object]:
    negative, positive = trials.class_names
    kind = {
        "Description": "Class of the trial; n/a where it is not known.",
        "Levels": {negative: "The negative class.", positive: "The positive class."},
    }
    names = [name for name in EVENT_COLUMNS if name not in ("stimulus", "smiler") or getattr(trials, name) is not None]
    return {"TaskName": TASK, "trial_type": kind, **{name: EVENT_COLUMNS[name] for name in names}}


def _recording(trials: Trials, participant: str) -> dict[str, bytes]:
    """The files of one participant, by the last parts of their names."""
    rows = [row for row, name in enumerate(trials.participant) if name == participant]
    gap = max(1, round(GAP_S * trials.rate_hz))
    first = np.concatenate(([0], np.cumsum(trials.length[rows][:-1].astype(np.int64) + gap)))
    line = _Timeline(trials, rows, first)
    files = {"events.tsv": _events(line)}
    for lane in np.flatnonzero(recorded_eyes(trials)[rows[0]]).tolist():
        stem = f"recording-eye{lane + 1}"
        files[f"{stem}_physio.tsv.gz"] = gzip_bytes(_physio(line, lane))
        files[f"{stem}_physio.json"] = json_bytes(_about_physio(trials, lane))
        files[f"{stem}_physioevents.tsv.gz"] = gzip_bytes(_physioevents(line, lane))
        files[f"{stem}_physioevents.json"] = json_bytes(_about_physioevents(trials))
    return files


def _events(line: _Timeline) -> bytes:
    trials, start_ms = line.trials, line.trials.start_ms
    onset, lasting = line.seconds(line.first), line.seconds(line.length)
    columns: dict[str, Sequence[object]] = {
        "onset": onset.tolist(),
        "duration": lasting.tolist(),
        "trial_type": [trials.class_names[i] if i != UNLABELLED else "" for i in trials.label[line.rows]],
        "trial": [trials.trial[row] for row in line.rows],
    }
    for name, values in (("stimulus", trials.stimulus), ("smiler", trials.smiler)):
        if values is not None:
            columns[name] = [values[row] for row in line.rows]
    columns["time_zero"] = (onset - start_ms / 1000).tolist()
    columns[ORDER] = [row + 1 for row in line.rows]
    return tsv_bytes(list(columns), list(zip(*columns.values(), strict=True)))


def _physio(line: _Timeline, lane: int) -> bytes:
    pupil = cast("npt.NDArray[np.float32]", line.laid_out(line.trials.pupil[:, :, lane], np.nan))
    with np.errstate(invalid="ignore"):
        pupil[~(pupil > 0)] = np.nan
    frame = pd.DataFrame(
        {"timestamp": line.ticks(np.arange(line.samples)), "x": MISSING, "y": MISSING, "pupil_size": pupil}
    )
    text: str = frame.to_csv(sep="\t", header=False, index=False, na_rep=MISSING, lineterminator="\n")
    return text.encode()


def _about_physio(trials: Trials, lane: int) -> dict[str, object]:
    size = {
        "Description": "Pupil diameter of the recorded eye; n/a where it was not measured and between trials.",
        "Units": PUPIL_UNITS[trials.unit],
    }
    return {
        "PhysioType": "eyetrack",
        "TaskName": TASK,
        "RecordedEye": ("left", "right")[lane],
        "SamplingFrequency": trials.rate_hz,
        "StartTime": 0,
        "SampleCoordinateSystem": "custom",
        "SampleCoordinateSystemDescription": "None: gaze was not converted, and its coordinates are n/a.",
        "Columns": [*COLUMNS, "pupil_size"],
        **COLUMNS,
        "pupil_size": size,
    }


def _physioevents(line: _Timeline, lane: int) -> bytes:
    """A message for every trial, and the blinks of this eye."""
    trials = line.trials
    onsets = line.ticks(line.first).tolist()
    rows: list[tuple[object, ...]] = []
    for onset, row in zip(onsets, line.rows, strict=True):
        rows.append((onset, "", "", "", f"trial {trials.trial[row]}"))
    if trials.blink is None:
        rows = [(onset, lasting, kind, message) for onset, lasting, kind, _, message in rows]
        return tsv_bytes(None, rows)
    closed = line.laid_out(trials.blink[:, :, lane], False)
    edges = np.flatnonzero(np.diff(closed.astype(np.int8), prepend=0, append=0))
    for begin, end in edges.reshape(-1, 2):
        rows.append((float(line.ticks(begin)), float(line.seconds(end - begin)), "blink", 1, ""))
    return tsv_bytes(None, sorted(rows, key=lambda row: cast("float", row[0])))


def _about_physioevents(trials: Trials) -> dict[str, object]:
    reports = trials.blink is not None
    kinds = {"Description": "Kind of event.", "Levels": {"blink": "The tracker reports a blink."}}
    return {
        "Columns": ["onset", "duration", "trial_type", *(["blink"] if reports else []), "message"],
        "Description": "Begins of trials" + (", and the blinks that the tracker reports." if reports else "."),
        "OnsetSource": "timestamp",
        "TaskName": TASK,
        "onset": {"Description": "Time on the clock of the timestamps.", "Units": "ms"},
        "duration": {"Description": "Length of the event.", "Units": "s"},
        "trial_type": kinds,
        **({"blink": {"Description": "1 where the eye is closed.", "Levels": {"1": "closed"}}} if reports else {}),
        "message": {"Description": "The trial that begins."},
    }


def tsv_bytes(heads: Sequence[str] | None, rows: Sequence[Sequence[object]]) -> bytes:
    """A table as BIDS has them: tabs, `n/a` for empty cells; without headings where `heads` is None."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    if heads is not None:
        writer.writerow(heads)
    writer.writerows([[MISSING if cell == "" else cell for cell in row] for row in rows])
    return text.getvalue().encode()


def gzip_bytes(content: bytes) -> bytes:
    """Packed, the same bytes for the same content."""
    return gzip.compress(content, compresslevel=6, mtime=0)
