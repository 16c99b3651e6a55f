"""A small file of every format, written by the tests' generators, and how it is read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import openpyxl
from helpers.tracker_files import (
    eye_tribe,
    eyelink_asc,
    eyelink_data_viewer,
    gazepoint,
    iohub,
    neon,
    pupil_core,
    smi,
    tobii,
)
from helpers.tracker_files.simulated_pupils import simulated

from damaged import plain
from damaged.plain import Held
from smilejax.readers import write_bids
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings


@dataclass(frozen=True)
class Format:
    """A format.

    Arguments:
        name: for the table.
        layout: name of its reader.
        write: writes an undamaged file or folder into a folder, and returns it.
        plain: reads it by plain means.
        settings: how it is read.
        damaged: which file of the folder is damaged.
        text: whether it is text.
        delimiter: whether it is a table with headings.
    """

    name: str
    layout: str
    write: Callable[[Path], Path]
    plain: Callable[[Path], Held]
    settings: ReadSettings = field(default_factory=ReadSettings)
    damaged: str | None = None
    text: bool = True
    delimiter: bool = True

    def file_of(self, given: Path) -> Path:
        """The file that is damaged, of what is read."""
        return given if self.damaged is None else (given if given.is_dir() else given.parent) / self.damaged


def can_be_read(form: Format) -> bool:
    """Whether the packages are there that read it."""
    return form.layout != "neon-native" or find_spec("pupil_labs") is not None


N = 40
PEOPLE = (("p1", "A1"), ("p1", "H1"), ("p2", "A1"), ("p2", "H1"))
RULE = "trial: A* = posed, * = genuine"
PUPILS = simulated(2 * N)
TRUTH = tobii.recorded(samples=N)
ONE = tobii.recorded(samples=N, people=("P106",))
SMILES = ReadSettings(label_from="stimulus: smile_a = posed, * = genuine")
MESSAGES = ReadSettings(trials_from="ONSET_{trial}", label_from=RULE, names_from=("file: {participant}",))
NAMED = ReadSettings(trials_from="ONSET_{trial}", label_from=RULE)
ONSETS = ((0, "ONSET_A1"), (N, "ONSET_H1"))


def pupils_of(trial: int) -> np.ndarray:
    """`f64[N, 2]` in mm, with a blink."""
    values = np.round(3.4 + np.random.default_rng(trial).normal(0, 0.1, (N, 2)) + [0, 0.3], 3)
    values[12 + trial : 16 + trial] = np.nan
    return values


def cell(value: float) -> str:
    """A number as text, empty where missing."""
    return "" if np.isnan(value) else str(value)


def label(trial: str) -> str:
    """The class of a trial, by its name."""
    return plain.by_letter(trial)


def written(path: Path, rows: list[list[str]], delimiter: str = ",") -> Path:
    """Write rows as text."""
    path.write_text("".join(delimiter.join(row) + "\n" for row in rows), "utf-8")
    return path


def tidy(folder: Path) -> Path:
    """Write the format tidy."""
    rows = [["participant", "trial", "time_ms", "left_mm", "right_mm", "label"]]
    for n, (who, trial) in enumerate(PEOPLE):
        rows += [
            [who, trial, str(20 * i), *map(cell, pair), label(trial)] for i, pair in enumerate(pupils_of(n).tolist())
        ]
    return written(folder / "tidy.csv", rows)


def wide(folder: Path) -> Path:
    """Write the format wide."""
    rows = [["id", "trial", "label", *(f"t{i}" for i in range(N))]]
    rows += [
        [who, trial, label(trial), *map(cell, pupils_of(n)[:, 0].tolist())] for n, (who, trial) in enumerate(PEOPLE)
    ]
    return written(folder / "wide.csv", rows)


def trial_columns(folder: Path) -> Path:
    """Write the format trial columns."""
    columns = [pupils_of(n)[:, 0].tolist() for n in range(len(PEOPLE))]
    rows = [["time_ms", *(f"{who}_{trial}" for who, trial in PEOPLE)]]
    rows += [[str(20 * i), *map(cell, values)] for i, values in enumerate(zip(*columns, strict=True))]
    return written(folder / "columns.csv", rows)


def four_tables(folder: Path) -> Path:
    """Write the format four tables."""
    for k, name in enumerate(("left_posed", "right_posed", "left_genuine", "right_genuine")):
        columns = [pupils_of(2 * (k // 2) + who)[:, k % 2].tolist() for who in range(2)]
        rows = [
            ["time_ms", "p1", "p2"],
            *([str(20 * i), *map(cell, v)] for i, v in enumerate(zip(*columns, strict=True))),
        ]
        written(folder / f"{name}.csv", rows)
    return folder


def observer_columns(folder: Path) -> Path:
    """Write the format observer columns."""
    for eye, name in enumerate(("left", "right")):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for s, title in enumerate(("A1", "H1")):
            sheet = book.create_sheet(title)
            sheet.append([None, "p1", "p2"])
            columns = [pupils_of(s + 2 * who)[:, eye].tolist() for who in range(2)]
            for values in zip(*columns, strict=True):
                sheet.append([None, *("NaN" if np.isnan(v) else v for v in values)])
        book.save(folder / f"{name}.xlsx")
    return folder


def asc(folder: Path) -> Path:
    """Write the format asc."""
    pupil = np.where(PUPILS.blink[:, None], 0, np.round(1000 * PUPILS.pupil, 0))
    blinks = np.flatnonzero(PUPILS.blink)
    block = eyelink_asc.Block(
        5000,
        pupil,
        ("left", "right"),
        250,
        [(eye, int(blinks[0]), int(blinks[-1])) for eye in ("left", "right")],
        messages=ONSETS,
    )
    return eyelink_asc.write(folder / "p7.asc", [block], eyelink_asc.Layout(pupil="DIAMETER"))


def data_viewer(folder: Path) -> Path:
    """Write the format data viewer."""
    trials = []
    for n, (who, trial) in enumerate(PEOPLE):
        pupil = np.nan_to_num(np.round(500 * pupils_of(n)))
        gone = pupil == 0
        about = {"condition": label(trial)}
        trials.append(eyelink_data_viewer.ReportTrial(who, n + 1, 1000 * n + 10, pupil, gone, gone, variables=about))
    columns = eyelink_data_viewer.table(trials)
    del columns["IP_START_TIME"]
    return eyelink_data_viewer.write(folder / "report.txt", columns)


def bids(folder: Path) -> Path:
    """Write the format bids."""
    trials = Trials(
        pupil=np.stack([pupils_of(n) for n in range(4)]),
        length=[N] * 4,
        rate_hz=50.0,
        unit="mm",
        label=[0, 1, 0, 1],
        class_names=("posed", "genuine"),
        trial=tuple(trial for _, trial in PEOPLE),
        participant=tuple(who for who, _ in PEOPLE),
    )
    write_bids(trials, folder / "bids")
    return folder / "bids"


def core(folder: Path) -> Path:
    """Write the format core."""
    pupil_core.export(folder, PUPILS)
    start = -323801.6
    pupil_core.annotations(
        folder, [(start + PUPILS.seconds[i] - 0.001, name.replace("_", "_p7_"), "x") for i, name in ONSETS]
    )
    return folder


def cloud(folder: Path) -> Path:
    """Write the format cloud."""
    clock = neon.nanoseconds(PUPILS)
    return neon.cloud(
        folder / "p7", PUPILS, wearer="p7", events=[(neon.FIRST, int(clock[i]), name) for i, name in ONSETS]
    )


def native(folder: Path) -> Path:
    """Write the format native."""
    clock = neon.nanoseconds(PUPILS)
    return neon.native(folder / "p7", PUPILS, events=[(int(clock[i]), name) for i, name in ONSETS])


def open_gaze(folder: Path) -> Path:
    """Write the format open gaze."""
    return gazepoint.open_gaze(folder / "p7.tsv", PUPILS)


_film: Callable[[int], str] = lambda i: "0,A1.avi" if i < N else "1,H1.avi"  # noqa: E731
_ALL = ReadSettings(label_from="stimulus: A* = posed, * = genuine", names_from=("file: {participant}",))
_OF_CORE = ReadSettings(trials_from="ONSET_{participant}_{trial}", label_from=RULE)
_CLOUD = "3d_eye_states.csv"
_ONE_TRIAL = ReadSettings(names_from=("file: {participant}_{trial}",), label_from=RULE)

FORMATS: tuple[Format, ...] = (
    Format("tidy", "tidy", tidy, plain.tidy),
    Format("wide", "wide", wide, plain.wide, ReadSettings(rate_hz=50)),
    Format(
        "trial columns",
        "trial-columns",
        trial_columns,
        plain.trial_columns,
        ReadSettings(names_from=("column: {participant}_{trial}",), label_from=RULE),
    ),
    Format("four tables", "four-tables", four_tables, plain.four_tables, damaged="right_posed.csv"),
    Format(
        "observer columns",
        "observer-columns",
        observer_columns,
        plain.observer_columns,
        ReadSettings(rate_hz=50, label_from="sheet: A* = posed, * = genuine"),
        "right.xlsx",
        text=False,
        delimiter=False,
    ),
    Format("EyeLink ASC", "eyelink-asc", asc, plain.eyelink_asc, MESSAGES, delimiter=False),
    Format("Data Viewer", "eyelink-data-viewer", data_viewer, plain.data_viewer),
    Format(
        "Tobii Pro Lab",
        "tobii-pro-lab",
        lambda f: tobii.write_pro_lab(f / "a.tsv", tobii.pro_lab_rows(TRUTH)),
        plain.pro_lab,
        SMILES,
    ),
    Format(
        "Tobii Pro Lab, UTF-16",
        "tobii-pro-lab",
        lambda f: tobii.write_pro_lab(f / "a.tsv", tobii.pro_lab_rows(TRUTH), "utf-16"),
        plain.pro_lab,
        SMILES,
    ),
    Format("Tobii Studio 3", "tobii-studio", lambda f: tobii.write_studio(f / "a.tsv", TRUTH), plain.studio, SMILES),
    Format(
        "Tobii Studio 1",
        "tobii-studio",
        lambda f: tobii.write_studio_all_data(f / "a.tsv", ONE),
        plain.studio_all_data,
        SMILES,
    ),
    Format("Tobii SDK", "tobii-sdk", lambda f: tobii.write_sdk(f / "a.csv", TRUTH), plain.sdk),
    Format("E-Prime", "eprime-gazedata", lambda f: tobii.write_gazedata(f / "a.gazedata", TRUTH), plain.gazedata),
    Format(
        "ioHub",
        "psychopy-iohub",
        lambda f: iohub.write_iohub(f / "a.hdf5", TRUTH),
        plain.iohub,
        text=False,
        delimiter=False,
    ),
    Format(
        "BIDS",
        "bids",
        bids,
        plain.bids,
        damaged="sub-p2/beh/sub-p2_task-view_recording-eye2_physio.tsv.gz",
        delimiter=False,
    ),
    Format("BIDS events", "bids", bids, plain.bids, damaged="sub-p2/beh/sub-p2_task-view_events.tsv"),
    Format("Pupil Core", "pupil-core", core, plain.pupil_core, _OF_CORE, "pupil_positions.csv"),
    Format("Pupil Core annotations", "pupil-core", core, plain.pupil_core, _OF_CORE, "annotations.csv"),
    Format("Neon cloud", "neon-cloud", cloud, plain.neon_cloud, NAMED, _CLOUD),
    Format("Neon cloud events", "neon-cloud", cloud, plain.neon_cloud, NAMED, "events.csv"),
    Format(
        "Neon native", "neon-native", native, plain.neon_native, NAMED, "eye_state ps1.raw", text=False, delimiter=False
    ),
    Format(
        "Neon native clock",
        "neon-native",
        native,
        plain.neon_native,
        NAMED,
        "eye_state ps1.time",
        text=False,
        delimiter=False,
    ),
    Format(
        "Gazepoint", "gazepoint", lambda f: gazepoint.all_gaze(f / "p7.csv", PUPILS, media=_film), plain.all_gaze, _ALL
    ),
    Format("Open Gaze", "gazepoint", open_gaze, plain.open_gaze, MESSAGES),
    Format(
        "Eye Tribe",
        "eye-tribe",
        lambda f: eye_tribe.pytribe(f / "p7.tsv", PUPILS, messages=ONSETS),
        plain.pytribe,
        MESSAGES,
        delimiter=False,
    ),
    Format(
        "Eye Tribe JSON",
        "eye-tribe",
        lambda f: eye_tribe.server_log(f / "p7_A1.json", PUPILS),
        plain.server_log,
        _ONE_TRIAL,
        delimiter=False,
    ),
    Format(
        "SMI", "smi", lambda f: smi.text(f / "p7.txt", PUPILS, messages=ONSETS), plain.smi_text, NAMED, delimiter=False
    ),
    Format(
        "BeGaze",
        "smi",
        lambda f: smi.raw_data_export(f / "p7.csv", PUPILS),
        plain.begaze,
        ReadSettings(label_from="stimulus: A* = posed, * = genuine"),
    ),
)
