"""A plan's results on disk: parts as they end, one file at the end, and a record of what they are of.

    FOLDER/plan.json                  schema, identity, versions; when all is done, the digest of results.npz
    FOLDER/parts/00000012-a1b2.npz    what some runs gave; the name holds the first of them and a digest of the content
    FOLDER/results.npz                everything, once every run has ended; the parts are then removed
    FOLDER/runs.csv                   which run is which: the plan's table, with how each ended
    FOLDER/lock                       held while a process works here

What is on disk is trusted as far as it is checked: a part whose digest is wrong is set aside, and its runs are trained again.
"""

import contextlib
import hashlib
import io
import json
import os
import platform
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smilejax.errors import CheckpointError, OutputError, listed
from smilejax.files import claim, write_atomically
from smilejax.runs.plan import Plan
from smilejax.runs.results import Columns, result_of
from smilejax.training import RunResult

SCHEMA = 1
RECORD, RESULTS, TABLE, PARTS, LOCK = "plan.json", "results.npz", "runs.csv", "parts", "lock"
_KIND = "smilejax runs"


@dataclass(frozen=True, eq=False)
class SavedRuns:
    """A finished plan as it stands on disk.

    Arguments:
        table: one row per run, with `status`.
        result: with a leading axis R, on the host.
        record: identity and versions.
    """

    table: pd.DataFrame
    result: RunResult
    record: dict[str, Any]


class Storage:
    """The folder of one plan. Made by `opened`."""

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        self.folder, self.record = folder, record

    @property
    def finished(self) -> bool:
        """Whether every run has ended, and the whole is written."""
        return "results_sha256" in self.record

    def save(self, rows: npt.NDArray[np.int64], part: Columns) -> None:
        """Keep what runs gave; when this returns, it is on disk."""
        content = _packed({"rows": rows, **part})
        name = f"{int(rows[0]):08d}-{hashlib.sha256(content).hexdigest()[:32]}.npz"
        write_atomically(self.folder / PARTS / name, lambda to: _write(to, content))

    def parts(self) -> Iterator[tuple[Path, Columns | None]]:
        """Every part that is there; None for one that is not what was written."""
        for path in sorted((self.folder / PARTS).glob("*.npz")):
            if path.name.startswith("."):  # a write that was killed, or another process's that goes on
                continue
            content = path.read_bytes()
            right = path.stem.partition("-")[2] == hashlib.sha256(content).hexdigest()[:32]
            yield path, _unpacked(content) if right else None

    def finish(self, plan: Plan, columns: Columns) -> None:
        """Write the whole, then its record, then remove the parts."""
        content = _packed(columns)
        write_atomically(self.folder / RESULTS, lambda to: _write(to, content))
        table = plan.table.assign(status=np.where(columns["status"] == 0, "ok", "diverged"))
        write_atomically(self.folder / TABLE, lambda to: table.to_csv(to, index=False))
        done = {**self.record, "results_sha256": hashlib.sha256(content).hexdigest()}
        write_atomically(self.folder / RECORD, lambda to: _write(to, _as_json(done)))
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)


@contextlib.contextmanager
def opened(
    folder: Path | str, plan: Plan, identity: Mapping[str, str], *, resume: bool, writer: bool = True
) -> Iterator[Storage]:
    """The folder of a plan, held until the work is done.

    Arguments:
        folder: made where absent.
        identity: of the plan and its dataset.
        resume: whether to go on with what is there.
        writer: whether this process makes the folder and holds the lock; others of the same job only add parts.

    Raises:
        OutputError: results stand there and `resume` is False, another process works there, or it cannot be written.
        CheckpointError: what is there is of another dataset, of other folds or settings, or of another version.
    """
    path = claim(Path(folder) / RECORD, overwrite=True, what="file").parent
    record = {"kind": _KIND, "schema": SCHEMA, "runs": len(plan), "identity": dict(identity), "versions": _versions()}
    if not writer:
        yield Storage(path, record)
        return
    there = _check_folder(path, record, resume=resume)
    path.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        if there is None:
            write_atomically(path / RECORD, lambda to: _write(to, _as_json(record)))
        yield Storage(path, there or record)


def load_runs(folder: Path | str) -> SavedRuns:
    """The results of a finished plan, verified.

    Raises:
        CheckpointError: no finished plan, another version, or a file that is not what was written.
    """
    path = Path(folder).expanduser().absolute()
    record = _record(path)
    if record is None:
        raise CheckpointError(f"{path} holds no runs: there is no {RECORD}. Name the folder that train-many wrote.")
    if "results_sha256" not in record:
        raise CheckpointError(f"the runs in {path} are not finished. Go on with them by --resume.")
    try:
        content = (path / RESULTS).read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path / RESULTS} cannot be read: {error.strerror}. Train the plan again.") from error
    if hashlib.sha256(content).hexdigest() != record["results_sha256"]:
        raise CheckpointError(f"{path / RESULTS} is not what was written. Restore it, or train the plan again.")
    return SavedRuns(pd.read_csv(path / TABLE, dtype={"labels": "str"}), result_of(_unpacked(content)), record)


def _check_folder(path: Path, record: dict[str, Any], *, resume: bool) -> dict[str, Any] | None:
    there = _record(path)
    if there is None:
        if path.exists() and any(entry.name != LOCK for entry in path.iterdir()):
            raise OutputError(f"{path} is not empty and holds no runs; it is left as it is. Name another folder.")
        return None
    if not resume:
        raise OutputError(f"runs stand in {path} already. Go on with them by --resume, or name another folder.")
    theirs, ours = there["identity"], record["identity"]
    if differing := [name for name in ours if theirs.get(name) != ours[name]]:
        raise CheckpointError(
            f"runs can be gone on with only as they were begun; in {path} these differ: {listed(differing)}. Give the same "
            "data, recipe and options as then, or name another folder."
        )
    return there


def _record(path: Path) -> dict[str, Any] | None:
    file = path / RECORD
    if not file.is_file():
        return None
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        kind, schema = record["kind"], record["schema"]
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise CheckpointError(f"{file} cannot be read: it is not what smilejax writes. Name another folder.") from error
    if kind != _KIND or schema != SCHEMA:
        raise CheckpointError(
            f"{file} is of schema {schema} ({kind}), and this version reads schema {SCHEMA}. "
            "Use the version of smilejax that wrote it, or train the plan again."
        )
    return dict(record)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the folder's lock. One that a process left which is no more, on this machine, is taken over."""
    lock = path / LOCK
    mine = f"{os.getpid()} {platform.node()}"
    for _ in range(2):
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError as error:
            holder = lock.read_text(encoding="utf-8").split() if lock.exists() else []
            if len(holder) == 2 and (holder[1] != platform.node() or _lives(int(holder[0]))):
                raise OutputError(
                    f"process {holder[0]} on {holder[1]} works in {path}. Wait for it, or name another folder; if it is no "
                    f"more, remove {lock}."
                ) from error
            lock.unlink(missing_ok=True)
        else:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(mine)
            break
    else:
        raise OutputError(f"{lock} cannot be taken: another process took it at the same moment. Try again.")
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _packed(columns: Columns) -> bytes:
    """As an .npz file, the same bytes for the same arrays: NumPy's own holds no time, and is not compressed."""
    content = io.BytesIO()
    np.savez(content, **{name.replace("/", "."): values for name, values in sorted(columns.items())})  # type: ignore[arg-type]
    return content.getvalue()


def _unpacked(content: bytes) -> Columns:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return {name.replace(".", "/"): file[name] for name in file.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"results cannot be read: {error}. Train the plan again.") from error


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("jax", "jaxlib", "flax", "optax", "numpy")}


def _as_json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=2) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
