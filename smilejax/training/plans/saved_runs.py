"""A plan's results on disk: parts as they end, one file at the end, and a record of what they belong to.

    FOLDER/plan.json                  schema and identity (`identity.py`); when all is done, the digest of results.npz
    FOLDER/parts/00000012-a1b2.npz    results of some runs, and the digest of the identity that they belong to; the name
                                      holds the first of them and a digest of the content
    FOLDER/results.npz                everything, once every run has ended; the parts are then removed
    FOLDER/runs.csv                   which run is which: the plan's table, with how each ended
    FOLDER/lock                       held while a process works here (`lock.py`)

What is on disk is trusted as far as it is checked: a part whose digest is wrong, or that belongs to another plan, is set aside,
and its runs are trained again.
"""

import contextlib
import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax._util import summaries
from smilejax._util.errors import SETTING, CheckpointError, OutputError, listed
from smilejax._util.files import claim, remove_leftovers, write_atomically
from smilejax._util.json_files import (
    SIGNATURE,
    is_intact,
    sha256_of_bytes,
    sha256_of_file,
    signed,
    write_bytes,
    write_json,
)
from smilejax._util.npz_files import read_npz
from smilejax.training import RunResult
from smilejax.training.plans.identity import ENVIRONMENT, Identity, differences, digest_of
from smilejax.training.plans.lock import EXCLUSIVE, LOCK, held
from smilejax.training.plans.plan import Plan
from smilejax.training.plans.run_arrays import RunArrays, result_of

SCHEMA = 3
RECORD, RESULTS, TABLE, PARTS = "plan.json", "results.npz", "runs.csv", "parts"
_KIND = "smilejax runs"
_OF = "identity"
"""The name in a part of the digest of what it belongs to."""


class RunsRecord(TypedDict):
    """What `plan.json` holds."""

    kind: str
    schema: int
    runs: int
    identity: Identity
    results_sha256: NotRequired[str]
    """Once every run has ended."""
    table_sha256: NotRequired[str]
    """Likewise; absent in folders of before."""


@dataclass(frozen=True, eq=False, repr=False)
class SavedRuns:
    """A finished plan as it stands on disk.

    Arguments:
        table: one row per run, with `status`.
        result: with a leading axis R, on the host.
        record: what it belongs to, and by which versions it was made.
    """

    table: pd.DataFrame
    result: RunResult
    record: RunsRecord

    def __repr__(self) -> str:
        return f"SavedRuns({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("SavedRuns", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        runs, trials, _ = np.shape(self.result.logits)
        diverged = int(np.sum(self.table["status"] == "diverged"))
        return [
            ("runs", summaries.counted(runs, "run") + (f", {diverged} diverged" if diverged else "")),
            ("trials", summaries.counted(trials, "trial")),
            ("folds", f"folds: {self.record['identity']['folds']['is']}"),
            ("parameters", "with parameters" if self.result.variables is not None else "without parameters"),
        ]


_KEYS = {*RunsRecord.__annotations__, SIGNATURE}


class Storage:
    """The folder of one plan. Made by `opened`; nothing is written to it before `begin`.

    Arguments:
        record: what `plan.json` holds, or is to hold.
        writer: whether this process makes the folder and keeps it in order; others of the same job only add parts.
        holding: lets go of the folder at the end.
    """

    def __init__(self, folder: Path, record: RunsRecord, *, writer: bool, holding: contextlib.ExitStack) -> None:
        self.folder, self.record, self.writer = folder, record, writer
        self._holding, self._held, self._begun = holding, False, False
        self._of = np.array(digest_of(record["identity"]))

    @property
    def finished(self) -> bool:
        """Whether every run has ended and all results are written."""
        return "results_sha256" in self.record

    def take(self, *, resume: bool) -> None:
        """Lock the folder, which exists, and read what it holds. Raises as `opened`."""
        self._holding.enter_context(held(self.folder))
        self._held = True
        remove_leftovers(self.folder / PARTS)
        there = _check_folder(self.folder, resume=resume)
        if there is not None:
            _check_identity(self.folder, there, self.record["identity"])
            self.record, self._begun = there, True

    def begin(self) -> None:
        """Make the folder and its record, where there are none yet; when this returns, parts can be saved."""
        if self._begun or not self.writer:
            return
        if not self._held:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(f"{self.folder} cannot be made: {error.strerror}. Name another place.") from error
            self.take(resume=False)  # two who found nothing may both have come here
        write_json(self.folder / RECORD, signed(self.record))
        self._begun = True

    def save(self, rows: npt.NDArray[np.int64], part: RunArrays) -> None:
        """Keep what runs gave; when this returns, it is on disk."""
        content = _packed({"rows": rows, _OF: self._of, **part})
        name = f"{int(rows[0]):08d}-{_short(content)}.npz"
        write_bytes(self.folder / PARTS / name, content)

    def kept(self, note: Callable[[str], None]) -> Iterator[tuple[npt.NDArray[np.int64], RunArrays]]:
        """Rows and results of every part that is there and sound.

        Arguments:
            note: called about each part that is damaged or of another plan. The writer sets it aside.
        """
        for path in sorted((self.folder / PARTS).glob("*.npz")):
            if path.name.startswith("."):  # a write that was killed, or another process's that goes on
                continue
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # the writer of a shared folder has just set it aside
                continue
            part = _unpacked(content) if path.stem.partition("-")[2] == _short(content) else None
            if part is None:
                self._set_aside(path, "damaged", "is damaged", note)
            elif str(part.pop(_OF, "")) != str(self._of):
                self._set_aside(path, "foreign", "is of another plan", note)
            else:
                yield part.pop("rows"), part

    def whole(self) -> RunArrays:
        """All results of a finished plan, verified. Raises as `load_runs`."""
        return _whole(self.folder, self.record)

    def finish(self, plan: Plan, columns: RunArrays) -> None:
        """Write the whole, then its record."""
        content = _packed(columns)
        write_bytes(self.folder / RESULTS, content)
        table = plan.table.assign(status=np.where(columns["status"] == 0, "ok", "diverged"))
        write_atomically(self.folder / TABLE, lambda to: table.to_csv(to, index=False))
        digests = {"results_sha256": sha256_of_bytes(content), "table_sha256": sha256_of_file(self.folder / TABLE)}
        self.record = cast(RunsRecord, {**self.record, **digests})
        write_json(self.folder / RECORD, signed(self.record))

    def tidy(self) -> None:
        """Remove the parts, once the whole is written; and a folder that held this process's parts alone."""
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)
        if not self.writer:
            with contextlib.suppress(OSError):  # a folder that all share is not empty
                self.folder.rmdir()

    def _set_aside(self, path: Path, suffix: str, why: str, note: Callable[[str], None]) -> None:
        if self.writer:
            path.rename(path.with_suffix(f".{suffix}"))
            note(f"{path} {why}; it is set aside as .{suffix}, and its runs are trained again")


@contextlib.contextmanager
def opened(
    folder: Path | str, identity: Identity, *, runs: int, resume: bool, writer: bool = True
) -> Iterator[Storage]:
    """The folder of a plan, held until the work is done, if it is there; else made and held from `Storage.begin` on.

    Arguments:
        identity: of the plan and its dataset.
        runs: how many there are.
        resume: whether to continue what is there.
        writer: as in `Storage`.

    Raises:
        OutputError: results stand there and `resume` is False, another process works there, or it cannot be written.
        CheckpointError: what is there is of another dataset, of other folds or settings, or of another version.
    """
    path = claim(Path(folder) / RECORD, overwrite=True, what="file").parent
    record: RunsRecord = {"kind": _KIND, "schema": SCHEMA, "runs": runs, "identity": identity}
    with contextlib.ExitStack() as holding:
        storage = Storage(path, record, writer=writer, holding=holding)
        if writer and path.is_dir():
            storage.take(resume=resume)
        yield storage


def check_runs_folder(folder: Path | str, *, resume: bool) -> bool:
    """Before any work: whether runs may go to a folder, as far as can be known without a plan. Writes nothing.

    Returns:
        Whether runs were begun there.

    Raises:
        OutputError, CheckpointError: as `opened`.
    """
    return _check_folder(claim(Path(folder) / RECORD, overwrite=True, what="file").parent, resume=resume) is not None


def load_runs(folder: Path | str) -> SavedRuns:
    """The results of a finished plan, verified.

    Raises:
        CheckpointError: no finished plan, another version, or a file that is not what was written.
    """
    path = Path(folder).expanduser().absolute()
    record = _record(path)
    if record is None:
        raise CheckpointError(
            f"{path} holds no runs: there is no {RECORD}. Name the folder that train-many (train_runs) wrote."
        )
    if "results_sha256" not in record:
        raise CheckpointError(f"the runs in {path} are not finished.", hint=f"Continue them with {SETTING.resume}.")
    try:
        result = result_of(_whole(path, record))
        return SavedRuns(_table(path, record), result, record)
    except (KeyError, ValueError, IndexError, OSError) as error:  # signed by whoever wrote it, and yet no results
        raise CheckpointError(f"the runs in {path} cannot be read: {error}. Train the plan again.") from error


def _table(path: Path, record: RunsRecord) -> pd.DataFrame:
    content = (path / TABLE).read_bytes()
    if record.get("table_sha256", sha256_of_bytes(content)) != sha256_of_bytes(content):
        raise CheckpointError(f"{path / TABLE} is not what was written. Restore it, or train the plan again.")
    # Names are text: a participant may be called 1, or NA.
    return pd.read_csv(io.BytesIO(content), dtype={"labels": "str", "fold": "str"}, keep_default_na=False)


def _whole(path: Path, record: RunsRecord) -> RunArrays:
    try:
        content = (path / RESULTS).read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path / RESULTS} cannot be read: {error.strerror}. Train the plan again.") from error
    if sha256_of_bytes(content) != record["results_sha256"]:
        raise CheckpointError(f"{path / RESULTS} is not what was written. Restore it, or train the plan again.")
    return _unpacked(content)


def _check_folder(path: Path, *, resume: bool) -> RunsRecord | None:
    """The record that is there, if any, if it may be resumed."""
    there = _record(path)
    if there is None:
        if path.exists() and any(entry.name not in (LOCK, EXCLUSIVE) for entry in path.iterdir()):
            raise OutputError(f"{path} is not empty and holds no runs; it is left as it is. Name another folder.")
        return None
    if not resume:
        raise OutputError(
            f"{path} already holds runs.",
            hint=f"Continue them with {SETTING.resume}, name another folder, or, to train them anew, remove this one first.",
        )
    return there


def _check_identity(path: Path, there: RunsRecord, ours: Identity) -> None:
    theirs = there["identity"]
    if "results_sha256" in there:  # nothing is left to train, so what would train it does not matter
        theirs = theirs | {name: ours[name] for name in ENVIRONMENT}
    if differing := differences(theirs, ours):
        raise CheckpointError(
            f"runs can be resumed only as they were started; in {path} these differ (then -> now): "
            f"{listed(differing)}. Give the same data, recipe, options, versions and flags as then, on the same kind of "
            "machine, or name another folder."
        )


def _record(path: Path) -> RunsRecord | None:
    file = path / RECORD
    if not file.is_file():
        return None
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        kind, schema, _ = record["kind"], record["schema"], record["identity"].keys()
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise CheckpointError(f"{file} cannot be read: it is not what smilejax writes. Name another folder.") from error
    if kind != _KIND or schema != SCHEMA:
        raise CheckpointError(
            f"{file} is of schema {schema} ({kind}), and this version reads schema {SCHEMA}. "
            "Use the version of smilejax that wrote it, or train the plan again."
        )
    if (SIGNATURE in record and not is_intact(record)) or record.keys() - _KEYS:
        raise CheckpointError(f"{file} is not what was written. Restore it, or train the plan again.")
    record.pop(SIGNATURE, None)  # absent in folders of before
    return cast(RunsRecord, record)  # `kind`, `schema` and `identity` were looked at; the rest is its writer's


def _packed(columns: RunArrays) -> bytes:
    """As an .npz file, the same bytes for the same arrays: NumPy's own holds no time, and is not compressed."""
    content = io.BytesIO()
    np.savez(content, **{name.replace("/", "."): values for name, values in sorted(columns.items())})  # type: ignore[arg-type]
    return content.getvalue()


def _unpacked(content: bytes) -> RunArrays:
    try:
        return {name.replace(".", "/"): values for name, values in read_npz(content).items()}
    except ValueError as error:
        raise CheckpointError(f"results cannot be read: {error}. Train the plan again.") from error


def _short(content: bytes) -> str:
    """What a part's name says of its content."""
    return sha256_of_bytes(content)[:32]
