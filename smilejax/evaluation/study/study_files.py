"""Where the files of a study are, whether a study may be made in a folder, and `study.json` back. No JAX in here.

    STUDY/study.json     every number, the verdict in words, settings, versions; the SHA-256 of every other file
    STUDY/arrays.npz     what was measured: out-of-fold predictions, folds, curves, attribution, the network's input
    STUDY/tables/        trials, participants, stimuli, protocols, classifiers, runs, permutations: CSV and Parquet
    STUDY/model/         the final model: `smilejax predict STUDY/model`
    STUDY/report.html    the report
    STUDY/runs/          while it is trained: runs as they end. Removed when study.json is there

`study.json` is written last, in one step: a folder without it is a study that was not finished.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from smilejax._util.errors import SETTING, OutputError, StudyError, listed
from smilejax._util.files import claim, remove_leftovers
from smilejax._util.json_files import is_intact, sha256_of_file
from smilejax.evaluation.study.study_record import StudyRecord, record_from_json
from smilejax.evaluation.study.study_results import KIND, SCHEMA

RECORD, ARRAYS, TABLES, MODEL, REPORT, RUNS, BEGUN = (
    "study.json",
    "arrays.npz",
    "tables",
    "model",
    "report.html",
    "runs",
    "begun.json",
)


def found_in(folder: Path) -> Literal["nothing", "begun", "finished"]:
    """What a folder holds of a study."""
    return "finished" if (folder / RECORD).is_file() else "begun" if (folder / BEGUN).is_file() else "nothing"


def check_study_folder(
    folder: Path | str, *, resume: bool, settings: Mapping[str, Mapping[str, object]] | None = None
) -> Path:
    """The absolute path, if a study may be made there; checked before any work.

    Arguments:
        resume: whether a study that was begun there is to be continued.
        settings: "recipe", "training" and "study" as JSON; the message about a finished study lists where its own differ.

    Raises:
        OutputError: the folder holds something that cannot be continued, or it cannot be written.
    """
    path = claim(Path(folder) / RECORD, overwrite=True, what="file").parent
    remove_leftovers(path / TABLES)
    if (path / RECORD).exists():
        differing = _differing(path, settings) if resume and settings is not None else []
        other = f" It was made with other settings (there -> here): {listed(differing, most=20)}." if differing else ""
        raise OutputError(
            f"{path} already holds a finished study.{other}",
            hint="Name another folder; or, to make the study anew, remove this one first; or write its report again: "
            f"smilejax report {path}.",
        )
    if (path / BEGUN).is_file():
        if not resume:
            raise OutputError(f"a study was begun in {path}. Continue it by {SETTING.resume}, or name another folder.")
    elif path.exists() and any(path.iterdir()):
        raise OutputError(f"{path} is not empty and holds no study; it is left as it is. Name another folder.")
    return path


def _differing(path: Path, settings: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Settings of a finished study that differ from these, in words. What is None here may follow from the recording."""
    about = load_record(path).results.about
    there: dict[str, Mapping[str, object]] = {"recipe": about.recipe, "training": about.training, "study": about.study}
    found: list[str] = []
    for part, ours in settings.items():
        then, now = _flat(there.get(part, {})), _flat(json.loads(json.dumps(ours)))
        names = [name for name in now if now[name] is not None and now[name] != then.get(name)]
        found += [f"{name} {then.get(name)} -> {now[name]}" for name in names]
    return found


def _flat(settings: Mapping[str, object]) -> dict[str, object]:
    """Settings without levels: those of the model stand among those of the training."""
    flat: dict[str, object] = {}
    for name, value in settings.items():
        flat |= value if isinstance(value, dict) else {name: value}
    return flat


def remove(folder: Path) -> None:
    """Remove a study, finished or begun, and nothing else.

    Raises:
        OutputError: the folder holds no study.
    """
    if not any((folder / name).is_file() for name in (RECORD, BEGUN)) and any(folder.iterdir()):
        raise OutputError(f"{folder} holds no study; it is left as it is. Name another folder.")
    shutil.rmtree(folder)


def load_record(folder: Path | str) -> StudyRecord:
    """`study.json`, checked: its schema, its own digest, and that of every other file of the study.

    Raises:
        StudyError: no study, one that was not finished, another schema, or a file that was changed.
    """
    path = Path(folder).expanduser().absolute()
    content = _content(path)
    if not is_intact(content):
        raise StudyError(f"{path / RECORD} is not what was written. Restore it, or evaluate anew into another folder.")
    rest = {name: value for name, value in content.items() if name not in ("kind", "schema", "sha256")}
    record = record_from_json(rest)
    for name, digest in record.files.items():
        there = path / name
        if not there.is_file():
            raise StudyError(f"{there} is absent from the study. Restore it, or evaluate anew.")
        if sha256_of_file(there) != digest:
            raise StudyError(f"{there} is not what was written. Restore it, or evaluate anew.")
    return record


def _content(path: Path) -> Mapping[str, object]:
    file = path / RECORD
    if not file.is_file():
        if (path / BEGUN).is_file():
            raise StudyError(f"the study in {path} was not finished. Continue it: smilejax evaluate ... --resume.")
        raise StudyError(f"{path} holds no study: there is no {RECORD}. Name the folder that evaluate wrote.")
    try:
        content: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
        kind, schema = content["kind"], content["schema"]
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise StudyError(
            f"{file} cannot be read: it is cut off, or not what smilejax writes. Evaluate anew, into another folder."
        ) from error
    if kind != KIND or schema != SCHEMA:
        raise StudyError(
            f"{file} is of schema {schema} ({kind}), and this version reads schema {SCHEMA} of a {KIND}. Use the version of "
            "smilejax that wrote it, or evaluate anew."
        )
    return content
