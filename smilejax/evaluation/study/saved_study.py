"""A study on disk, and back.

    STUDY/study.json     every number, the verdict in words, settings, versions; the SHA-256 of every other file
    STUDY/arrays.npz     what was measured: answers, masks, curves, attribution, the trials as the model saw them
    STUDY/tables/        trials, participants, stimuli, protocols, controls, runs and permutations, each as CSV and as Parquet
    STUDY/model/         the model of use: `smilejax predict STUDY/model`
    STUDY/report.html    the report
    STUDY/runs/          while it is trained: runs as they end. Gone when study.json is there

`study.json` is written last, in one step: a folder without it is a study that was not finished. Numbers follow from
`arrays.npz`, `tables/trials.parquet` and the settings without training again (`recomputed`).
"""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import jax
import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util.errors import OutputError, StudyError, listed
from smilejax._util.files import claim, write_atomically
from smilejax.evaluation.study import study_tables
from smilejax.evaluation.study.attribution import Attribution
from smilejax.evaluation.study.compute_results import compute_results, finite
from smilejax.evaluation.study.compute_scores import temperatures
from smilejax.evaluation.study.figure_data import final_temperature
from smilejax.evaluation.study.final_model import FinalModel
from smilejax.evaluation.study.out_of_fold import Curves, OutOfFold
from smilejax.evaluation.study.raw_results import ClassifierPredictions, RawResults, Scored, Tested
from smilejax.prediction.predictor import Predictor
from smilejax.preprocess.pipeline import settle
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.trials import Trials
from smilejax.settings import StudySettings, from_json
from smilejax.splits import Folds
from smilejax.splits.permutations import PermutedLabels
from smilejax.training.plans.identity import differences

SCHEMA = 1
"""Version of the layout and of the names in study.json. A study of another version is refused, not guessed at."""
KIND = "smilejax study"
RECORD, ARRAYS, TABLES, MODEL, REPORT, RUNS, BEGUN = (
    "study.json",
    "arrays.npz",
    "tables",
    "model",
    "report.html",
    "runs",
    "begun.json",
)
Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Study:
    """A study that is finished.

    Arguments:
        folder: where it is. numbers: all of `study.json`. material: what they follow from.
    """

    folder: Path
    numbers: dict[str, Any]
    material: RawResults

    @property
    def settings(self) -> StudySettings:
        """How it was evaluated."""
        return from_json(StudySettings, self.numbers["about"]["study"])

    def recomputed(self) -> dict[str, Any]:
        """The numbers anew from the material, without training."""
        found: dict[str, Any] = finite(compute_results(self.material, self.settings))  # type: ignore[assignment]
        return found


def check_study_folder(folder: Path | str, *, resume: bool) -> Path:
    """The absolute path, if a study may be made there; checked before any work.

    Raises:
        OutputError: something stands there that is not to be gone on with, or it cannot be written.
    """
    path = claim(Path(folder) / RECORD, overwrite=True, what="file").parent
    if (path / RECORD).exists():
        raise OutputError(
            f"a study stands in {path} already. Name another folder, or make its report: smilejax report {path}."
        )
    if (path / BEGUN).is_file():
        if not resume:
            raise OutputError(f"a study was begun in {path}. Go on with it by --resume, or name another folder.")
    elif path.exists() and any(path.iterdir()):
        raise OutputError(f"{path} is not empty and holds no study; it is left as it is. Name another folder.")
    return path


def begin(path: Path, identity: Mapping[str, Any]) -> None:
    """Note what the study is of, or compare it with what was noted when it was begun.

    Arguments:
        identity: as `runs.identity` makes one, of whatever settles the numbers. A study is gone on with only as it was begun.

    Raises:
        StudyError: what stands there is another study.
    """
    begun, ours = path / BEGUN, json.loads(json.dumps(identity))
    if not begun.is_file():
        write_atomically(begun, lambda to: _write(to, _as_json(ours)))
        return
    try:
        there = dict(json.loads(begun.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise StudyError(f"{begun} is not what smilejax writes. Name another folder.") from error
    if differing := differences(there, ours):
        raise StudyError(
            f"a study can be gone on with only as it was begun; in {path} there differ (then -> now): {listed(differing)}. "
            "Give the same data and options as then, or name another folder."
        )


def remove(folder: Path) -> None:
    """Remove a study, finished or begun, and nothing that is none.

    Raises:
        OutputError: the folder holds no study.
    """
    if not any((folder / name).is_file() for name in (RECORD, BEGUN)) and any(folder.iterdir()):
        raise OutputError(f"{folder} holds no study; it is left as it is. Name another folder.")
    shutil.rmtree(folder)


def save(folder: Path, material: RawResults, numbers: dict[str, Any], about: Mapping[str, Any]) -> Study:
    """Write a study; `study.json` last, and then what was kept of its runs goes.

    Arguments:
        about: what `study.json` says besides its numbers: command, versions.
    """
    content = _packed(arrays_of(material))
    write_atomically(folder / ARRAYS, lambda to: _write(to, content))
    for name, table in study_tables.tables_of(material, numbers).items():
        write_atomically(folder / TABLES / f"{name}.csv", lambda to, t=table: t.to_csv(to, index=False))  # type: ignore[misc]
        write_atomically(folder / TABLES / f"{name}.parquet", lambda to, t=table: t.to_parquet(to, index=False))  # type: ignore[misc]
    kept = (folder / ARRAYS, *(folder / TABLES).iterdir(), *(folder / MODEL).rglob("*"))
    digests = {str(p.relative_to(folder)): _digest(p) for p in sorted(kept) if p.is_file()}
    record: dict[str, Any] = {"kind": KIND, "schema": SCHEMA, **about, **finite(numbers), "files": digests}  # type: ignore[dict-item]
    record["sha256"] = _own_digest(record)
    write_atomically(folder / RECORD, lambda to: _write(to, _as_json(record)))
    shutil.rmtree(folder / RUNS, ignore_errors=True)
    (folder / BEGUN).unlink(missing_ok=True)
    return Study(folder, record, material)


def save_model(
    folder: Path, final: FinalModel, material: RawResults, trials: Trials, recipe: Recipe, command: str
) -> Path:
    """Save the model of use, calibrated by the study that it comes from."""
    predictor = Predictor(
        variables=final.variables,
        recipe=settle(recipe, trials),
        settings=final.settings,
        class_names=trials.class_names,
        unit=trials.unit,
        recorded_hz=trials.rate_hz,
        record={
            "command": command,
            "source": trials.source.as_json(),
            "trained_on": [
                {"participant": p, "trial": t}
                for p, t in material.trials.loc[
                    material.trials["kept"] & (material.trials["label"] >= 0), ["participant", "trial"]
                ].itertuples(index=False)
            ],
            "diverged": final.diverged,
        },
        members=len(next(iter(jax.tree.leaves(final.variables)))),
        temperature=final_temperature(temperatures(material.verdict_protocol, material.y)),
    )
    return predictor.save(folder / MODEL, overwrite=True)


def load_numbers(folder: Path | str) -> dict[str, Any]:
    """`study.json`, checked for what it is.

    Raises:
        StudyError: no study, one that was not finished, another version, or a file that is not what was written.
    """
    path = Path(folder).expanduser().absolute()
    file = path / RECORD
    if not file.is_file():
        if (path / BEGUN).is_file():
            raise StudyError(f"the study in {path} was not finished. Go on with it: smilejax evaluate ... --resume.")
        raise StudyError(f"{path} holds no study: there is no {RECORD}. Name the folder that evaluate wrote.")
    try:
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        kind, schema = record["kind"], record["schema"]
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise StudyError(
            f"{file} cannot be read: it is cut off, or not what smilejax writes. Evaluate anew, into another folder."
        ) from error
    if kind != KIND or schema != SCHEMA:
        raise StudyError(
            f"{file} is of schema {schema} ({kind}), and this version reads schema {SCHEMA} of a {KIND}. Use the version of "
            "smilejax that wrote it, or evaluate anew."
        )
    if record.get("sha256") != _own_digest(record):
        raise StudyError(f"{file} is not what was written. Restore it, or evaluate anew into another folder.")
    for name, digest in record["files"].items():
        there = path / name
        if not there.is_file():
            raise StudyError(f"{there} is absent from the study. Restore it, or evaluate anew.")
        if _digest(there) != digest:
            raise StudyError(f"{there} is not what was written. Restore it, or evaluate anew.")
    return record


def load_study(folder: Path | str) -> Study:
    """A finished study, every file of it verified. Raises as `load_numbers`."""
    path = Path(folder).expanduser().absolute()
    record = load_numbers(path)
    try:
        with np.load(path / ARRAYS, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        material = material_of(arrays, pd.read_parquet(path / TABLES / "trials.parquet"), record)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise StudyError(f"the study in {path} cannot be read: {error}. Evaluate anew, into another folder.") from error
    return Study(path, record, material)


def arrays_of(material: RawResults) -> Arrays:
    """Every array of a study by name."""
    arrays: Arrays = {"x": material.x, "valid": material.valid, "time_ms": material.time_ms}
    for one in material.scored:
        if one.folds is None:
            continue
        arrays |= _of(one.folds, f"{one.name}/folds")
        arrays |= _of(one.answers, f"{one.name}/answers") | _of(one.curves, f"{one.name}/curves")
        for name in ("inner_logits", "inner", "variants"):
            if (values := getattr(one, name)) is not None:
                arrays[f"{one.name}/{name}"] = values
    arrays |= _of(material.tested.answers, "tested/answers") | _of(material.tested.permuted, "tested/permuted")
    arrays |= {f"controls/{one.name}": one.probability for one in material.controls}
    return arrays | _of(material.attribution, "attribution")


def material_of(arrays: Arrays, trials: pd.DataFrame, record: Mapping[str, Any]) -> RawResults:
    """The material that arrays, the table of trials and `study.json` are."""
    known = (
        "participant",
        "trial",
        "stimulus",
        "smiler",
        "label",
        "class",
        "status",
        "kept",
        "proportion_valid",
        "length_ms",
    )
    test = record["test"]
    scored = [
        Scored(one["name"], None, one["why_not"])
        if not one["available"]
        else Scored(
            name=one["name"],
            folds=_folds(arrays, one["name"]),
            answers=_made(OutOfFold, arrays, f"{one['name']}/answers"),
            curves=_made(Curves, arrays, f"{one['name']}/curves"),
            inner_logits=arrays.get(f"{one['name']}/inner_logits"),
            inner=arrays.get(f"{one['name']}/inner"),
            why_not_inner=one["why_not_inner"],
            variants=arrays.get(f"{one['name']}/variants"),
            balanced=bool(one.get("balanced", False)),
        )
        for one in record["protocols"]
    ]
    return RawResults(
        trials=trials[[*known, "baseline"]],
        x=arrays["x"],
        valid=arrays["valid"],
        time_ms=arrays["time_ms"],
        scored=tuple(scored),
        tested=Tested(
            _made(OutOfFold, arrays, "tested/answers"), _permuted(arrays), "" if test["done"] else test["why_not"]
        ),
        controls=tuple(
            ClassifierPredictions(one["name"], one["words"], arrays[f"controls/{one['name']}"], one.get("why_not", ""))
            for one in record["controls"]
        ),
        attribution=_made(Attribution, arrays, "attribution"),
        steps=record["cleaning"],
        about=record["about"],
    )


def _of(value: Any, above: str) -> Arrays:
    """The fields of a dataclass as arrays; texts too. Nothing where there is no value."""
    if value is None:
        return {}
    return {
        f"{above}/{f.name}": _array(getattr(value, f.name)) for f in fields(value) if getattr(value, f.name) is not None
    }


def _array(value: Any) -> npt.NDArray[Any]:
    array = np.asarray(value)
    if array.dtype == object and isinstance(value, int):
        return np.asarray(hex(value))  # in decimals Python writes 4300 digits and no more
    return array.astype(np.str_) if array.dtype == object else array


def _made(cls: Any, arrays: Arrays, above: str) -> Any:
    names = [f.name for f in fields(cls)]
    if f"{above}/{names[0]}" not in arrays:
        return None
    return cls(**{name: arrays[f"{above}/{name}"] for name in names})


def _folds(arrays: Arrays, name: str) -> Folds:
    part = {f.name: arrays.get(f"{name}/folds/{f.name}") for f in fields(Folds)}
    times = part.pop("times_scored")
    texts = {key: str(part.pop(key)) for key in ("scheme", "why_leaky")}
    lists = {key: tuple(str(v) for v in part.pop(key)) for key in ("apart", "names")}  # type: ignore[union-attr]
    leaky = bool(part.pop("leaky"))
    return Folds(**texts, **lists, leaky=leaky, times_scored=None if times is None else int(times), **part)  # type: ignore[arg-type]


def _permuted(arrays: Arrays) -> PermutedLabels | None:
    part = {f.name: arrays.get(f"tested/permuted/{f.name}") for f in fields(PermutedLabels)}
    if part["labels"] is None:
        return None
    return PermutedLabels(
        str(part["scheme"]),  # type: ignore[arg-type]
        str(part["why"]),
        part["labels"],
        int(str(part["distinct"]), 0),  # may be too large for any array but one of text
        within_folds=bool(part["within_folds"]),
    )


def _packed(arrays: Arrays) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _own_digest(record: Mapping[str, Any]) -> str:
    """The digest of study.json's content, but for itself."""
    content = json.dumps({k: v for k, v in record.items() if k != "sha256"}, sort_keys=True, allow_nan=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _as_json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
