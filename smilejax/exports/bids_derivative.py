"""`export_bids`: a study as a BIDS 1.11 derivative: predictions, and cleaned traces where recordings are given."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from smilejax import __version__
from smilejax._util.errors import DataError, listed
from smilejax._util.files import write_folder_atomically
from smilejax._util.json_files import json_bytes
from smilejax.evaluation.study.saved_study import Study
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.exports.bids_traces import (
    Traces,
    about_events,
    about_physio,
    event_rows,
    physio_bytes,
    traces_of,
)
from smilejax.exports.columns import Cell, Column, DescribedTable
from smilejax.exports.result_tables import judged_ones, result_tables
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.recipe import Recipe
from smilejax.readers.bids.bids import PARTICIPANT_NAME
from smilejax.readers.bids.bids_files import DESCRIPTION, MISSING
from smilejax.readers.bids.write_bids import (
    BIDS_VERSION,
    GENERATOR,
    TASK,
    check_names,
    claim_folder,
    gzip_bytes,
    participant_labels,
    tsv_bytes,
)
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.kinds import PUPIL
from smilejax.recordings.trials import Trials
from smilejax.recordings.wording import RECORDING_KINDS
from smilejax.settings import from_json
from smilejax.settings.checks import require_kind

SAME = 1e-3
"""By so much, in mm or as a proportion, cleaned pupils of two machines may differ; trackers resolve less. Our choice."""
PREDICTIONS = "predictions"
"""The `desc` label of out-of-fold predictions."""


def export_bids(
    study: Study, folder: Path | str, *, recordings: AnyRecording | None = None, overwrite: bool = False
) -> Path:
    """Write a study as a BIDS derivative data set.

    Participants whose names are not of letters and digits alone, or differ by case alone, are numbered; `participants.tsv`
    then has their names in the column `participant_name`.

    Arguments:
        study: from `load_study`. folder: made in one step.
        recordings: the pupil recordings that the study is of; their cleaned traces are then written too. None: predictions.
        overwrite: whether a data set that smilejax wrote there is replaced.

    Returns:
        The absolute path.

    Raises:
        DataError: the recordings are not those of the study, or are of faces.
        OutputError: the folder exists, is no data set of smilejax, or cannot be written; or BIDS cannot hold a name.

    Example:
        >>> import smilejax
        >>> smilejax.export_bids(smilejax.load_study("study"), "derivative")    # doctest: +SKIP
    """
    require_kind(study, "study", Study, "smilejax.load_study gives one.")
    path = claim_folder(Path(folder), overwrite=overwrite)
    trials = study.raw.trials
    check_names(
        {name: trials[name].dropna().astype(str).tolist() for name in ("participant", "trial", "stimulus", "smiler")}
    )
    traces = None if recordings is None else _traces(study, recordings)
    files = data_set(study, traces)

    def write(to: Path) -> None:
        for name, content in files.items():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_bytes(content)

    write_folder_atomically(path, write, replace=overwrite)
    return path


def _traces(study: Study, recordings: AnyRecording) -> Traces:
    """The cleaned traces of the study's own recordings."""
    if not isinstance(recordings, Trials) or study.results.about.recording != PUPIL.name:
        raise DataError(
            "cleaned traces are written of pupils alone.", hint="Leave the recordings out: predictions only."
        )
    table = study.raw.trials
    own = {"participant": recordings.participant, "trial": recordings.trial, "label": recordings.label.tolist()}
    differing = [name for name, values in own.items() if table[name].tolist() != list(values)]
    if len(recordings) != len(table) or differing:
        raise DataError(
            f"the recordings are not those of the study: it has {len(table)} trials, they have {len(recordings)}"
            + (f"; {listed(differing)} differ." if len(recordings) == len(table) else "."),
            hint="Give the files that the study was made of, read in the same way.",
        )
    traces, dataset = traces_of(recordings, from_json(Recipe, study.results.about.recipe))
    if not _same_pupils(study, dataset):
        raise DataError(
            "the recordings have the study's trials and other pupils: cleaned by the study's recipe, they are not what it gave "
            "to the network.",
            hint="Give the files as they were when the study was made.",
        )
    return traces


def _same_pupils(study: Study, dataset: Dataset) -> bool:
    """Whether a network would be given what the study's was, but for roundings of another machine.

    A level that the baseline takes away is not seen.
    """
    x, valid = np.asarray(dataset.x), np.asarray(dataset.valid)
    if x.shape != study.raw.x.shape or not np.array_equal(valid, study.raw.valid):
        return False
    return np.allclose(
        np.where(valid[..., None], x, 0), np.where(valid[..., None], study.raw.x, 0), rtol=SAME, atol=SAME
    )


def data_set(study: Study, traces: Traces | None) -> dict[str, bytes]:
    """Every file by its path in the data set."""
    tables = {table.name: table for table in result_tables(study)}
    labels = participant_labels(study.raw.trials["participant"].astype(str))
    joined, rows = _joined(tables)
    files = {
        DESCRIPTION: json_bytes(_description(study)),
        "README.md": _readme(study, traces, len(labels)).encode(),
        **_participants(tables["participants"], labels),
        **_descriptions(study.results),
        f"task-{TASK}_desc-{PREDICTIONS}_beh.json": json_bytes({"TaskName": TASK, **_columns_json(joined.columns)}),
    }
    heads = [_snake(column.name) for column in joined.columns]
    for name, label in labels.items():
        start = f"sub-{label}/beh/sub-{label}_task-{TASK}"
        own = [[_cell(row[column.name]) for column in joined.columns] for row in rows if row["participant"] == name]
        files[f"{start}_desc-{PREDICTIONS}_beh.tsv"] = tsv_bytes(heads, own)
        if traces is not None:
            files |= _trace_files(start, traces, name)
    if traces is not None:
        files[f"task-{TASK}_events.json"] = json_bytes(about_events(traces, TASK))
    return files


def _trace_files(start: str, traces: Traces, participant: str) -> dict[str, bytes]:
    files = {}
    line = traces.line(participant)
    heads, rows = event_rows(traces, line)
    files[f"{start}_events.tsv"] = tsv_bytes(heads, rows)
    for lane in range(len(traces.lanes)):
        stem = f"{start}_recording-{traces.recording(lane)}_physio"
        files[f"{stem}.tsv.gz"] = gzip_bytes(physio_bytes(traces, line, lane))
        files[f"{stem}.json"] = json_bytes(about_physio(traces, lane, TASK))
    return files


def _description(study: Study) -> dict[str, object]:
    about = study.results.about
    return {
        "Name": "Out-of-fold predictions of smile types",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [
            {
                "Name": GENERATOR,
                "Version": __version__,
                "Description": f"Study of {len(study.raw.trials)} trials, read from {about.source.name} "
                f"({about.source.layout}). Command: {study.record.provenance.command}",
            }
        ],
    }


def _readme(study: Study, traces: Traces | None, participants: int) -> str:
    results, made = study.results, study.record.provenance
    signal = RECORDING_KINDS[results.about.recording].signal
    parts = [
        f"# Out-of-fold predictions of smile types from recordings of {signal}",
        f"Written by smilejax {__version__} from a study of {len(study.raw.trials)} trials of {participants} participants "
        f"({results.about.source.name}).",
        "`sub-*/beh/*_desc-predictions_beh.tsv` has one row per trial: its true class, whether it was kept, and the "
        f"probability of the class {results.class_names[1]} by {judged_ones(results)} that were not trained on it. "
        "`participants.tsv` has each participant's scores.",
    ]
    if traces is not None:
        parts.append(
            f"`sub-*/beh/*_physio.tsv.gz` are cleaned pupil traces at {traces.rate_hz:g} Hz: the trials follow each other with "
            "gaps of 1 s, in which all is n/a, and `*_events.tsv` says where each begins. Gaze is not part of the study."
        )
    parts += [f"What the study found: {results.verdict.headline}", f"The study was made by: `{made.command}`"]
    return "\n\n".join(parts) + "\n"


def _participants(table: DescribedTable, labels: Mapping[str, str]) -> dict[str, bytes]:
    """`participants.tsv`, with names where labels are others, and its description."""
    renamed = any(name != label for name, label in labels.items())
    scores = [column for column in table.columns if column.name != "participant"]
    by_name = {row["participant"]: row for row in table.rows}
    heads = ["participant_id", *([PARTICIPANT_NAME] if renamed else []), *(column.name for column in scores)]
    rows = [
        [f"sub-{label}", *([name] if renamed else []), *(_cell(by_name[name][column.name]) for column in scores)]
        for name, label in labels.items()
    ]
    about: dict[str, object] = {"participant_id": {"Description": "The participant."}}
    if renamed:
        about[PARTICIPANT_NAME] = {"Description": "Name of the participant in the recordings."}
    return {
        "participants.tsv": tsv_bytes(heads, rows),
        "participants.json": json_bytes({**about, **_columns_json(scores)}),
    }


def _descriptions(results: StudyResults) -> dict[str, bytes]:
    rows = [[f"desc-{PREDICTIONS}", f"What {judged_ones(results)} that were not trained on a trial predicted for it."]]
    about = {"desc_id": {"Description": "The desc entity."}, "description": {"Description": "What it stands for."}}
    return {
        "descriptions.tsv": tsv_bytes(["desc_id", "description"], rows),
        "descriptions.json": json_bytes(about),
    }


def _joined(tables: Mapping[str, DescribedTable]) -> tuple[DescribedTable, list[dict[str, Cell]]]:
    """Each trial's predictions and quality in one table."""
    trials, quality = tables["trials"], tables["quality"]
    first = [column for column in trials.columns if column.name != "participant"]
    names = {column.name for column in trials.columns}
    further = [column for column in quality.columns if column.name not in names]
    rows = [{**one, **other} for one, other in zip(trials.rows, quality.rows, strict=True)]
    joined = DescribedTable(PREDICTIONS, trials.about, (*first, *further), tuple(rows))
    return joined, rows


def _columns_json(columns: Sequence[Column]) -> dict[str, dict[str, object]]:
    """Columns as sidecar files of BIDS describe them."""
    found: dict[str, dict[str, object]] = {}
    for column in columns:
        empty = "" if column.empty == "never" else f" {MISSING} {column.empty}."
        inside = f" {column.range[:1].upper()}{column.range[1:]}." if column.range else ""
        about: dict[str, object] = {"Description": f"{column.meaning}{inside}{empty}"}
        if column.unit:
            about["Units"] = column.unit
        found[_snake(column.name)] = about
    return found


def _snake(name: str) -> str:
    return re.sub(r"\W+", "_", name)


def _cell(value: Cell) -> str:
    """A cell as tables of BIDS have it."""
    if value is None or value != value or pd.isna(value):
        return MISSING
    return str(value).lower() if isinstance(value, bool) else str(value)
