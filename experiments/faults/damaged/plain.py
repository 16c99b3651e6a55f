"""What a file holds, by a few lines of plain Python for each format. Nothing of the readers is used.

A plain reading goes row by row, takes cells by the headings, and gives up (ValueError) on anything odd. A pupil is missing
where a cell is empty, says so or is not above zero, and where the tracker marks it as invalid. Times are in ms from the onset
of the trial: from its message or event; else, where the clock begins alike in at least half of the trials, from zero of the
clock; else from the trial's first row.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import h5py
import numpy as np
import numpy.typing as npt
import openpyxl

from damaged.damages import decoded, unpacked

if TYPE_CHECKING:
    from damaged.formats import Format

F64 = npt.NDArray[np.float64]


class HeldTrial(NamedTuple):
    """What a file holds of one trial: its class, and of S samples the pupils `f64[S, 2]` and the times `f64[S]` in ms from the
    onset. Samples without any pupil are left out."""

    label: str
    pupil: F64
    ms: F64


class Held(NamedTuple):
    """The trials of a file by participant and trial, and the ms between two samples."""

    trials: dict[tuple[str, str], HeldTrial]
    step_ms: float


class Sample(NamedTuple):
    """One row: its names, the pupils, the time in ms, and the time of the trial's onset on the same clock where it is known."""

    participant: str
    trial: str
    label: str
    left: float
    right: float
    ms: float
    onset_ms: float | None = None


MISSING = ("", "na", "nan", "n/a", "null", "none", ".", "-", "#n/a")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CLASSES = {"posed": "posed", "genuine": "genuine"}


def held_by(form: Format, path: Path) -> Held | None:
    """What is there, or None where plain means cannot read it."""
    try:
        return form.plain(path)
    except Exception:  # whatever h5py, openpyxl and plain Python raise on a damaged file
        return None


def number(cell: str) -> float:
    """A cell as a number, NaN where missing."""
    cell = cell.strip()
    if cell.casefold() in MISSING:
        return np.nan
    if not NUMBER.fullmatch(cell):
        raise ValueError(cell)
    value = float(cell)
    if not np.isfinite(value):
        raise ValueError(cell)
    return value


def pupil(cell: str, good: bool = True) -> float:
    """A pupil: above zero, or NaN."""
    value = number(cell)
    return value if good and value > 0 else np.nan


def held(samples: Iterable[Sample]) -> Held:
    """Samples of all trials, put together by trial."""
    rows: dict[tuple[str, str], list[Sample]] = {}
    for one in samples:
        if not one.trial:
            continue
        if not one.participant or not one.label or not np.isfinite(one.ms):
            raise ValueError("a sample without a name, class or time")
        rows.setdefault((one.participant, one.trial), []).append(one)
    found: dict[tuple[str, str], HeldTrial] = {}
    for key, mine in rows.items():
        labels = {one.label for one in mine}
        if len(labels) > 1:
            raise ValueError("two classes in one trial")
        if (name := CLASSES.get(labels.pop().casefold())) is not None:
            pupil = np.array([(one.left, one.right) for one in mine])
            found[key] = HeldTrial(name, pupil, np.array([one.ms for one in mine]))
    step = step_of([trial.ms for trial in found.values()])
    onsets = {key: rows[key][0].onset_ms for key in found}
    anew = begins_anew([trial.ms[0] for trial in found.values()], step)
    for key, (label, pupil, ms) in found.items():
        onset = onsets[key]
        ms = ms - (onset if onset is not None else 0.0 if anew else ms[0])
        there = np.isfinite(pupil).any(axis=1)
        found[key] = HeldTrial(label, pupil[there], ms[there])
    return Held(found, step)


def step_of(clocks: Sequence[F64]) -> float:
    """The ms between two samples: of all trials the time from first to last, by the number of usual steps in it."""
    steps = np.concatenate([np.diff(ms) for ms in clocks])
    usual = np.median(steps)
    if not usual > 0:
        raise ValueError("time stands still")
    return float(steps.sum() / np.round(steps / usual).sum())


def begins_anew(first_ms: Sequence[float], step_ms: float) -> bool:
    """Whether the clock begins alike in at least half of the trials, and so with each of them."""
    usual = float(np.median(first_ms))
    alike = np.mean([abs(first - usual) < 0.75 * step_ms for first in first_ms])
    one_that_runs_on = len(first_ms) == 1 and usual >= 2 * step_ms
    return bool(alike >= 0.5 and abs(usual) <= 120_000 and not one_that_runs_on)


def by_letter(trial: str) -> str:
    """The rule of formats without a class: names with an A are posed."""
    return "posed" if trial.startswith("A") else "genuine"


def text(path: Path) -> str:
    """The whole text."""
    return decoded(unpacked(path))[0]


def table(path: Path, *heads: str, loose: bool = False) -> list[dict[str, str]]:
    """Rows below the first line that has these headings; `loose` leaves out rows of another width."""
    lines = text(path).splitlines()
    at = next(i for i, line in enumerate(lines) if all(head in line for head in heads))
    delimiter = max("\t;,", key=lines[at].count)
    rows = csv.reader(io.StringIO("\n".join(lines[at:])), delimiter=delimiter, strict=True)
    head = [cell.strip() for cell in next(rows)]
    found = []
    for row in rows:
        if not any(row):
            continue
        if len(row) != len(head):
            if loose:
                continue
            raise ValueError("a row of another width")
        found.append({name: cell.strip() for name, cell in zip(head, row, strict=True)})
    return found


def rows_of(
    path: Path,
    heads: Sequence[str],
    sample: Callable[[Mapping[str, str]], Sample | None],
) -> Held:
    """A table with one row per sample."""
    return held(s for row in table(path, *heads) if (s := sample(row)) is not None)


def person_of(path: Path) -> str:
    """Who the name of a file says, without its suffixes."""
    return path.name.removesuffix(".gz").rpartition(".")[0]


def cut_by(
    messages: Sequence[tuple[float, str]], samples: Sequence[tuple[float, float, float]], who: str, in_ms: float = 1.0
) -> Held:
    """Samples (time, left, right), each of the trial of the last message `ONSET_name` at or before it; `in_ms` is the unit of
    time."""
    onsets = sorted(
        (time, name[6:].strip()) for time, name in messages if name.upper().startswith("ONSET_") and name[6:].strip()
    )
    found: list[Sample] = []
    for time, left, right in samples:
        before = [(at, name) for at, name in onsets if at <= time]
        if before:
            at, name = before[-1]
            found.append(Sample(who, name, by_letter(name), left, right, (time - at) * in_ms, 0.0))
    return held(found)


# Tables of all kinds


def tidy(path: Path) -> Held:
    """Read the format tidy."""
    return rows_of(
        path,
        ["participant", "trial"],
        lambda r: Sample(
            *(r[head] for head in ("participant", "trial", "label")),
            *(pupil(r.get(f"{eye}_mm", "")) for eye in ("left", "right")),
            number(r["time_ms"]),
        ),
    )


def wide(path: Path) -> Held:
    """Read the format wide."""
    found: list[Sample] = []
    for row in table(path, "id"):
        heads = sorted((h for h in row if re.fullmatch(r"t\d+", h)), key=lambda h: int(h[1:]))
        values = {20.0 * int(h[1:]): pupil(row[h]) for h in heads}
        found += [Sample(row["id"], row["trial"], row["label"], v, np.nan, ms) for ms, v in values.items()]
    return held(found)


def trial_columns(path: Path) -> Held:
    """Read the format trial columns."""
    found: list[Sample] = []
    for row in table(path, "time_ms"):
        for head, cell in row.items():
            if head != "time_ms" and head:
                who, trial = head.split("_", 1)
                found.append(Sample(who, trial, by_letter(trial), pupil(cell), np.nan, number(row["time_ms"])))
    return held(found)


def four_tables(folder: Path) -> Held:
    """Read the format four tables."""
    found: list[Sample] = []
    for label in ("posed", "genuine"):
        left, right = (table(folder / f"{eye}_{label}.csv", "time_ms") for eye in ("left", "right"))
        for head in left[0]:
            if head == "time_ms":
                continue
            for i in range(max(len(left), len(right))):
                sizes = (pupil(side[i][head]) if i < len(side) else np.nan for side in (left, right))
                clock = {number(side[i]["time_ms"]) for side in (left, right) if i < len(side)}
                if len(clock) > 1:
                    raise ValueError("two times in one row")
                found.append(Sample(head, f"{head} {label}", label, *sizes, clock.pop()))
    return held(found)


def observer_columns(folder: Path) -> Held:
    """Read the format observer columns."""
    found: dict[tuple[str, str], list[list[float]]] = {}
    for eye, name in enumerate(("left", "right")):
        book = openpyxl.load_workbook(folder / f"{name}.xlsx", data_only=True)
        for sheet in book.worksheets:
            rows = list(sheet.iter_rows(values_only=True))
            at = next(i for i, row in enumerate(rows) if "p1" in row)
            for column, who in enumerate(rows[at]):
                if who is None:
                    continue
                for i, row in enumerate(rows[at + 1 :]):
                    value = row[column]
                    pairs = found.setdefault((str(who), sheet.title), [])
                    while len(pairs) <= i:
                        pairs.append([np.nan, np.nan])
                    pairs[i][eye] = np.nan if value is None or value == "NaN" else pupil(repr(float(value)))
    return held(
        Sample(who, trial, by_letter(trial), *pair, 20.0 * i)
        for (who, trial), pairs in found.items()
        for i, pair in enumerate(pairs)
    )


# Trackers


def eyelink_asc(path: Path) -> Held:
    """Read the format eyelink asc."""
    messages, samples = [], []
    for line in text(path).splitlines():
        words = line.split()
        if words and words[0] == "MSG" and len(words) > 2:
            messages.append((float(words[1]), " ".join(words[2:])))
        elif line[:1].isdigit():
            samples.append((number(words[0]), pupil(words[3]), pupil(words[6])))
    return cut_by(messages, samples, person_of(path))


def data_viewer(path: Path) -> Held:
    """Read the format data viewer."""

    def sample(r: Mapping[str, str]) -> Sample:
        sizes = (pupil(r.get(f"{eye}_PUPIL_SIZE", "")) for eye in ("LEFT", "RIGHT"))
        names = (r["RECORDING_SESSION_LABEL"], r["TRIAL_INDEX"], r["condition"])
        onset = number(r["TRIAL_START_TIME"]) if "TRIAL_START_TIME" in r else None
        return Sample(*names, *sizes, number(r["TIMESTAMP"]), onset)

    return rows_of(path, ["RECORDING_SESSION_LABEL", "TRIAL_INDEX"], sample)


def pro_lab(path: Path) -> Held:
    """Read the format pro lab."""

    def sample(r: Mapping[str, str]) -> Sample | None:
        if r["Sensor"] != "Eye Tracker":
            return None
        name = r["Presented Stimulus name"]
        sizes = (
            pupil(r.get(f"Pupil diameter {eye} [mm]", ""), r.get(f"Validity {eye}", "Valid") == "Valid")
            for eye in ("left", "right")
        )
        return Sample(
            r["Participant name"], name, _smile(name), *sizes, number(r["Recording timestamp [\u03bcs]"]) / 1000
        )

    return rows_of(path, ["Participant name"], sample)


def _smile(name: str) -> str:
    return "posed" if name == "smile_a" else "genuine"


def studio(path: Path) -> Held:
    """Read the format studio."""

    def sample(r: Mapping[str, str]) -> Sample | None:
        if not r["EyeTrackerTimestamp"]:
            return None
        sizes = (
            pupil(r.get(f"Pupil{eye}", ""), number(r.get(f"Validity{eye}", "0")) <= 1) for eye in ("Left", "Right")
        )
        name = r["MediaName"]
        return Sample(r["ParticipantName"], name, _smile(name), *sizes, number(r["EyeTrackerTimestamp"]) / 1000)

    return rows_of(path, ["ParticipantName"], sample)


def studio_all_data(path: Path) -> Held:
    """Read the format studio all data."""
    who = next(line.split("\t")[1].strip() for line in text(path).splitlines() if line.startswith("Participant:"))

    def sample(r: Mapping[str, str]) -> Sample | None:
        if not r["Number"]:
            return None
        sizes = (
            pupil(r.get(f"Pupil{eye}", ""), number(r.get(f"Validity{eye}", "0")) <= 1) for eye in ("Left", "Right")
        )
        return Sample(who, r["StimuliName"], _smile(r["StimuliName"]), *sizes, number(r["Timestamp"]))

    return rows_of(path, ["Timestamp", "Number"], sample)


def sdk(path: Path) -> Held:
    """Read the format sdk."""

    def sample(r: Mapping[str, str]) -> Sample:
        sizes = (
            pupil(r.get(f"{eye}_pupil_diameter", ""), r.get(f"{eye}_pupil_validity", "1") == "1")
            for eye in ("left", "right")
        )
        clock = r["device_time_stamp"] if "device_time_stamp" in r else r["system_time_stamp"]
        return Sample(r["participant"], r["stimulus"], r["label"], *sizes, number(clock) / 1000)

    return rows_of(path, ["pupil_diameter"], sample)


def gazedata(path: Path) -> Held:
    """Read the format gazedata."""

    def sample(r: Mapping[str, str]) -> Sample:
        sizes = (
            pupil(r.get(f"PupilDiameter{eye}Eye", ""), r.get(f"PupilValidity{eye}Eye", "1") == "1")
            for eye in ("Left", "Right")
        )
        ms = number(r["TETTime"]) / 1000 if "TETTime" in r else number(r["RTTime"])
        return Sample(r["Subject"], r["TrialId"], r["SmileType"], *sizes, ms)

    return rows_of(path, ["Subject"], sample)


def iohub(path: Path) -> Held:
    """Read the format iohub."""
    with h5py.File(path, "r") as file:
        rows = file["data_collection/events/eyetracker/BinocularEyeSampleEvent"][:]
        people = {
            int(r["session_id"]): json.loads(r["user_variables"])["participant"]
            for r in file["data_collection/session_meta_data"][:]
        }
        trials = file["data_collection/condition_variables/EXP_CV_1"][:]
    found: list[Sample] = []
    for n, trial in enumerate(trials, 1):
        for r in rows:
            if (
                r["session_id"] == trial["SESSION_ID"]
                and trial["TRIAL_START"] - 1e-6 <= r["time"] <= trial["TRIAL_END"] + 1e-6
            ):
                status = int(r["status"])
                left = float(r["left_pupil_measure1"]) if status < 20 else np.nan
                right = float(r["right_pupil_measure1"]) if status % 10 == 0 else np.nan
                sizes = (v if np.isfinite(v) and v > 0 else np.nan for v in (left, right))
                who, condition = people[int(r["session_id"])], trial["condition"].decode()
                ms = 1000 * (float(r["time"]) - float(trial["TRIAL_START"]))
                found.append(Sample(who, str(n), condition, *sizes, ms, 0.0))
    return held(found)


def bids(folder: Path) -> Held:
    """Read the format bids."""
    found: list[Sample] = []
    for place in sorted(folder.glob("sub-*/beh")):
        who = place.parent.name.removeprefix("sub-")
        eyes: list[dict[float, float]] = []
        for path in sorted(place.glob("*_physio.tsv.gz")):
            columns = json.loads(path.with_name(path.name.replace(".tsv.gz", ".json")).read_text())["Columns"]
            rows = [line.split("\t") for line in text(path).splitlines()]
            if any(len(row) != len(columns) for row in rows):
                raise ValueError("a row of another width")
            eyes.append({round(float(row[0]), 3): pupil(row[columns.index("pupil_size")]) for row in rows})
        times = sorted({*eyes[0], *eyes[1]})
        for event in table(next(place.glob("*_events.tsv")), "onset"):
            first = 1000 * float(event["onset"])
            last = first + 1000 * float(event["duration"]) - 1
            zero = 1000 * float(event.get("time_zero", event["onset"]))
            found += [
                Sample(who, event["trial"], event["trial_type"], *(eye.get(t, np.nan) for eye in eyes), t, zero)
                for t in times
                if first - 1 <= t < last
            ]
    return held(found)


def pupil_core(folder: Path) -> Held:
    """Read the format pupil core."""
    eyes: list[list[tuple[float, float]]] = [[], []]
    for r in table(folder / "pupil_positions.csv", "pupil_timestamp"):
        if r["method"].startswith("pye3d"):
            good = number(r["confidence"]) >= 0.6
            eyes[1 - ("0", "1").index(r["eye_id"])].append(
                (number(r["pupil_timestamp"]), pupil(r["diameter_3d"], good))
            )
    left, right = (dict(eye) for eye in eyes)
    samples = [(time, left.get(time, np.nan), right.get(time, np.nan)) for time in sorted({*left, *right})]
    rows = table(folder / "annotations.csv", "timestamp")
    whose = [(number(r["timestamp"]), *r["label"].split("_", 2)) for r in rows if r["label"].count("_") > 1]
    onsets = sorted((time, who, trial) for time, kind, who, trial in whose if kind.upper() == "ONSET")
    found: list[Sample] = []
    for time, left, right in samples:
        before = [onset for onset in onsets if onset[0] <= time]
        if before:
            at, who, trial = before[-1]
            found.append(Sample(who, trial, by_letter(trial), left, right, 1000 * (time - at), 0.0))
    return held(found)


def neon_cloud(folder: Path) -> Held:
    """Read the format neon cloud."""
    rows = table(folder / "3d_eye_states.csv", "timestamp [ns]")
    samples = [
        (int(r["timestamp [ns]"]), *(pupil(r.get(f"pupil diameter {eye} [mm]", "")) for eye in ("left", "right")))
        for r in rows
    ]
    messages = [(int(r["timestamp [ns]"]), r["name"]) for r in table(folder / "events.csv", "timestamp [ns]")]
    return cut_by(messages, samples, "p7", 1e-6)  # type: ignore[arg-type]


def neon_native(folder: Path) -> Held:
    """Read the format neon native."""
    raw, clock = (folder / "eye_state ps1.raw").read_bytes(), (folder / "eye_state ps1.time").read_bytes()
    states, times = np.frombuffer(raw, "<f4").reshape(-1, 14), np.frombuffer(clock, "<i8")
    if len(states) != len(times):
        raise ValueError("as many times as states")
    names = (folder / "event.txt").read_text().splitlines()
    at = np.frombuffer((folder / "event.time").read_bytes(), "<i8").tolist()
    samples = []
    for time, state in zip(times.tolist(), states.tolist(), strict=True):
        samples.append((time, *(v if np.isfinite(v) and v > 0 else np.nan for v in (state[0], state[7]))))
    return cut_by(list(zip(at, names, strict=True)), samples, "p7", 1e-6)  # type: ignore[arg-type]


def all_gaze(path: Path) -> Held:
    """Read the format all gaze."""
    who = person_of(path)

    def sample(r: Mapping[str, str]) -> Sample:
        sizes = (pupil(r.get(f"{eye}PMM", ""), number(r.get(f"{eye}PMMV", "1")) > 0) for eye in "LR")
        clock = next(cell for head, cell in r.items() if re.match(r"TIME\b", head))
        return Sample(who, r["MEDIA_NAME"], by_letter(r["MEDIA_NAME"]), *sizes, 1000 * number(clock))

    return rows_of(path, ["MEDIA_NAME"], sample)


def open_gaze(path: Path) -> Held:
    """Read the format open gaze."""
    rows = table(path, "CNT", "TIME")
    onsets: list[tuple[float, str]] = []
    samples = []
    before = "0"
    for r in rows:
        time = number(r["TIME"])
        if r["USER"] != before:
            onsets.append((time, r["USER"]))
        before = r["USER"]
        sizes = (1000 * pupil(r.get(f"{eye}PUPILD", ""), number(r.get(f"{eye}PUPILV", "1")) > 0) for eye in "LR")
        samples.append((time, *sizes))
    return cut_by(onsets, samples, person_of(path), 1000)  # type: ignore[arg-type]


def pytribe(path: Path) -> Held:
    """Read the format pytribe."""
    messages, samples = [], []
    lines = [line.split("\t") for line in text(path).splitlines()]
    head = next(line for line in lines if line[0] == "timestamp")
    for cells in lines:
        if cells[0] == "MSG":
            messages.append((number(cells[2]), cells[3]))
        elif cells != head and any(cells):
            if len(cells) != len(head):
                raise ValueError("a row of another width")
            r = dict(zip(head, cells, strict=True))
            good = int(r["state"]) & 2 and not int(r["state"]) & 24  # eyes are tracked, and nothing failed or was lost
            samples.append((number(r["time"]), pupil(r.get("Lpsize", ""), good), pupil(r.get("Rpsize", ""), good)))
    return cut_by(messages, samples, person_of(path))


def server_log(path: Path) -> Held:
    """Read the format server log."""
    found: list[Sample] = []
    for line in text(path).splitlines():
        frame = json.loads(line).get("values", {}).get("frame") if line.strip() else None
        if frame:
            good = frame["state"] & 2 and not frame["state"] & 24
            sizes = (pupil(repr(frame[eye]["psize"]), good) for eye in ("lefteye", "righteye"))
            found.append(Sample("p7", "A1", by_letter("A1"), *sizes, float(frame["time"])))
    return held(found)


def smi_text(path: Path) -> Held:
    """Read the format smi text."""
    lines = [line.split("\t") for line in text(path).splitlines() if line.strip() and not line.startswith("##")]
    head = next(line for line in lines if "Time" in line and "Type" in line)
    messages, samples = [], []
    for cells in lines:
        if cells[1] == "MSG":
            messages.append((number(cells[0]), cells[3].removeprefix("# Message: ")))
        elif cells != head:
            if len(cells) != len(head):
                raise ValueError("a row of another width")
            r = dict(zip(head, cells, strict=True))
            sizes = (pupil(r.get(f"{eye} Mapped Diameter [mm]", "")) for eye in "LR")
            samples.append((number(r["Time"]), *sizes))
    return cut_by(messages, samples, "p7", 1e-3)  # type: ignore[arg-type]


def begaze(path: Path) -> Held:
    """Read the format begaze."""

    def sample(r: Mapping[str, str]) -> Sample | None:
        if r["Category Group"] != "Eye":
            return None
        sizes = (pupil(r.get(f"Pupil Diameter {eye} [mm]", "")) for eye in ("Left", "Right"))
        ms = number(r["RecordingTime [ms]"])
        return Sample(r["Participant"], r["Trial"], by_letter(r["Stimulus"]), *sizes, ms)

    return rows_of(path, ["RecordingTime [ms]"], sample)
