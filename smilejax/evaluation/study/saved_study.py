"""A study on disk, and back. Where its files are, and which of them JAX is not needed for: `study_files`.

Results follow from `arrays.npz`, `tables/trials.parquet` and the settings without training again (`Study.recomputed`).
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from smilejax._util import summaries
from smilejax._util.errors import StudyError, listed
from smilejax._util.files import write_atomically
from smilejax._util.json_files import sha256_of_files, signed, write_bytes, write_json
from smilejax._util.npz_files import read_npz
from smilejax._util.typed_json import JsonValue
from smilejax.evaluation.study import study_tables
from smilejax.evaluation.study.calibration import final_temperature
from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.final_model import FinalModel
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.study_arrays import arrays_of, packed, raw_results_of
from smilejax.evaluation.study.study_files import ARRAYS, BEGUN, MODEL, RECORD, RUNS, TABLES, load_record
from smilejax.evaluation.study.study_record import Provenance, StudyRecord, record_to_json
from smilejax.evaluation.study.study_results import KIND, SCHEMA, StudyResults
from smilejax.prediction.predictor import Predictor
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.cleaning import settle
from smilejax.recordings.any_recording import AnyRecording
from smilejax.settings import StudySettings, from_json
from smilejax.settings.checks import require_path
from smilejax.training.plans.identity import differences


@dataclass(frozen=True, eq=False, repr=False)
class Study:
    """A study that is finished.

    Arguments:
        folder: where it is. record: all of `study.json`. raw: what its results follow from.
    """

    folder: Path
    record: StudyRecord
    raw: RawResults

    @property
    def results(self) -> StudyResults:
        """Every number, and the verdict."""
        return self.record.results

    @property
    def settings(self) -> StudySettings:
        """How it was evaluated."""
        return from_json(StudySettings, self.results.about.study)

    def recomputed(self) -> StudyResults:
        """The results derived anew from what was measured, without training."""
        return compute_results(self.raw, self.settings)

    def __repr__(self) -> str:
        return f"Study({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("Study", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        return [("folder", str(self.folder)), *self.results.summary()]


def begin_study(path: Path, identity: Mapping[str, object]) -> None:
    """Note what the study is of, or compare it with what was noted when it was begun.

    Arguments:
        identity: as `training.plans.identity` makes one, of whatever determines the numbers.

    Raises:
        StudyError: the study there is another one; a study is continued only as it was begun.
    """
    begun, ours = path / BEGUN, json.loads(json.dumps(identity))
    if not begun.is_file():
        write_json(begun, ours)
        return
    try:
        there = dict(json.loads(begun.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise StudyError(f"{begun} is not what smilejax writes. Name another folder.") from error
    if differing := differences(there, ours):
        raise StudyError(
            f"a study can be continued only as it was begun; in {path} there differ (then -> now): {listed(differing)}. "
            "Give the same data, options, versions and flags as then, on the same kind of machine, or name another folder."
        )


def write_study(folder: Path, raw: RawResults, results: StudyResults, provenance: Provenance) -> Study:
    """Write a study: `study.json` last, after which the runs that were kept until then are removed."""
    write_bytes(folder / ARRAYS, packed(arrays_of(raw)))
    for name, table in study_tables.tables_of(raw, results).items():
        _write_table(folder / TABLES / name, table)
    kept = (folder / ARRAYS, *(folder / TABLES).iterdir(), *(folder / MODEL).rglob("*"))
    record = StudyRecord(provenance, results, sha256_of_files(folder, kept))
    write_json(folder / RECORD, signed({"kind": KIND, "schema": SCHEMA, **record_to_json(record)}), indent=1)
    shutil.rmtree(folder / RUNS, ignore_errors=True)
    (folder / BEGUN).unlink(missing_ok=True)
    return Study(folder, record, raw)


def _write_table(path: Path, table: pd.DataFrame) -> None:
    write_atomically(path.with_suffix(".csv"), lambda to: table.to_csv(to, index=False))
    write_atomically(path.with_suffix(".parquet"), lambda to: table.to_parquet(to, index=False))


def save_model(
    folder: Path, final: FinalModel, raw: RawResults, trials: AnyRecording, recipe: AnyRecipe, command: str
) -> Path:
    """Save the final model, with the temperature that the study found for it."""
    used = raw.trials["kept"] & (raw.trials["label"] >= 0)
    settings = from_json(StudySettings, dict(raw.about.study))
    trained_on: list[JsonValue] = [
        {"participant": participant, "trial": trial}
        for participant, trial in raw.trials.loc[used, ["participant", "trial"]].itertuples(index=False)
    ]
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
            "trained_on": trained_on,
            "diverged": final.diverged,
        },
        members=final.members,
        classifier=final.classifier,
        temperature=final_temperature(raw, settings),
        start_ms=trials.start_ms,
    )
    return predictor.save(folder / MODEL, overwrite=True)


def load_study(folder: Path | str) -> Study:
    """A finished study, every file of it verified. Raises as `load_record`."""
    require_path(folder, "folder")
    path = Path(folder).expanduser().absolute()
    record = load_record(path)
    try:
        arrays = read_npz((path / ARRAYS).read_bytes())
        raw = raw_results_of(arrays, pd.read_parquet(path / TABLES / "trials.parquet"), record.results)
    except (KeyError, ValueError, OSError) as error:
        raise StudyError(f"the study in {path} cannot be read: {error}. Evaluate anew, into another folder.") from error
    return Study(path, record, raw)
