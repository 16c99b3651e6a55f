"""Arrays and their record on disk. The only module that imports orbax.

A checkpoint is a folder:

    MODEL/model.json            everything readable: schema, record, the shape of every array, the SHA-256 of every file
    MODEL/arrays-1a2b3c4d/      the arrays, written by Orbax

`model.json` is the commit point: a save writes and flushes a new `arrays-` folder first and then replaces `model.json` in one
step, so that a crash leaves the old checkpoint or the new one. Loading trusts nothing: Orbax restores a flipped byte without a
word, casts where dtypes differ, and lets the keys `a.b` and `a: {b}` overwrite each other.
"""

import contextlib
import errno
import json
import math
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smilejax._util.errors import SETTING, CheckpointError, OutputError, listed
from smilejax._util.files import claim, remove_leftovers, sync
from smilejax._util.json_files import encoded, json_bytes, sha256_of_bytes, sha256_of_file, write_bytes
from smilejax._util.nested import nested
from smilejax._util.npz_files import fits
from smilejax.prediction.saving import orbax_silent, saving_in

SCHEMA = 2
"""Version of the layout and of the settings' names. A checkpoint of another version is refused, naming its schema.

1: smilejax 0.1.0 up to commit 03116ae. 2: the network and its cell are named in the record; `standardisation`."""

RECORD = "model.json"
_KIND = "smilejax model"
_SEPARATOR = "/"
_KEY = re.compile(r"[A-Za-z0-9_]+")
_ARRAYS = re.compile(r"arrays-[0-9a-f]{8}")


def save_checkpoint(
    path: Path | str, arrays: Mapping[str, object], record: Mapping[str, object], *, overwrite: bool = False
) -> Path:
    """Write arrays and their record, synchronously; when this returns, all is on disk.

    Arguments:
        path: folder of the checkpoint; made where absent.
        arrays: nested dict of numeric arrays, keys of letters, digits and `_`.
        record: what JSON can hold.
        overwrite: whether a checkpoint that stands there may be replaced. Anything else never is.

    Returns:
        The absolute path.

    Raises:
        OutputError: something stands there, or the place cannot be written.
        CheckpointError: an array, a key or a record that cannot be kept faithfully.
    """
    path = check_model_folder(path, overwrite=overwrite)
    flat = _checked(arrays)
    try:
        json.dumps(record, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"the record must be what JSON can hold: {error}.") from error
    folder, replaced, new = f"arrays-{uuid.uuid4().hex[:8]}", _folder_named_by(path / RECORD), not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with saving_in(path, when_alone=lambda: _remove_leftovers(path, replaced)):
            _write_arrays(path / folder, flat)
            files = {str(f.relative_to(path)): sha256_of_file(f) for f in _files(path / folder)}
            content = {
                "kind": _KIND,
                "schema": SCHEMA,
                "record": dict(record),
                "arrays": {name: {"shape": list(a.shape), "dtype": a.dtype.name} for name, a in flat.items()},
                "folder": folder,
                "files": files,
            }
            write_bytes(path / RECORD, _signed(content))
    except BaseException as error:
        # Stopped after the record was replaced, the new arrays are the model, and must stay.
        committed = _folder_named_by(path / RECORD) == folder
        for unfinished in () if committed else path.glob(f"{folder}*"):  # Orbax writes to a name with a suffix first
            shutil.rmtree(unfinished, ignore_errors=True)
        if new and not committed:
            with contextlib.suppress(OSError):  # another process may be saving here
                path.rmdir()
        if isinstance(error, OSError | ValueError):  # a full disk arrives from Orbax's storage as a ValueError
            raise OutputError(
                f"model {path} cannot be written: {_reason(error)}. Make room, or name another place."
            ) from error
        raise
    # Only what the replaced record named: another process may be writing its own folder here at this moment.
    if replaced is not None:
        shutil.rmtree(path / replaced, ignore_errors=True)
    return path


def _reason(error: OSError | ValueError) -> str:
    """Why nothing could be written; of the storage's own long words, what the system said."""
    said = str(getattr(error, "strerror", None) or error).splitlines()[0]
    return os.strerror(errno.ENOSPC) if os.strerror(errno.ENOSPC) in said else said


def _remove_leftovers(path: Path, used: str | None) -> None:
    """Remove what saves that were killed left in a model's folder, in which nobody saves now."""
    for entry in path.iterdir():
        if _ARRAYS.match(entry.name) and entry.name != used and entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)


def check_model_folder(path: Path | str, *, overwrite: bool) -> Path:
    """The absolute path, if a checkpoint may be written there; checked before the work whose result goes there.

    Raises `OutputError`.
    """
    path = claim(Path(path), overwrite=True, what="model")
    try:
        str(path).encode()
    except UnicodeEncodeError as error:  # the storage of arrays takes names in UTF-8 only
        raise OutputError(
            f"model {str(path)!r} cannot be written: its name is not UTF-8.", hint="Name another."
        ) from error
    if not path.exists():
        return path
    remove_leftovers(path)
    # A folder with nothing but arrays is what a save that was killed before its end left behind.
    ours = path.is_dir() and all(_ARRAYS.match(entry.name) for entry in path.iterdir())
    if not (path / RECORD).is_file() and not ours:
        raise OutputError(f"{path} exists and is not a saved model; it is left as it is. Name another folder.")
    if (path / RECORD).is_file() and _folder_named_by(path / RECORD) is None:
        raise OutputError(f"{path / RECORD} was not written by smilejax; it is left as it is. Name another folder.")
    if (path / RECORD).is_file() and not overwrite:
        raise OutputError(
            f"a model is saved at {path} already. Name another folder, or give {SETTING.overwrite} to replace it."
        )
    return claim(path / RECORD, overwrite=True, what="model").parent


def load_checkpoint(path: Path | str) -> tuple[dict[str, object], dict[str, object]]:
    """Arrays (nested dict, NumPy) and record of a checkpoint, every file verified. Runs no code from it.

    Raises:
        CheckpointError: absent, foreign, of another version, incomplete or altered; the message names the file.
    """
    path = Path(path).expanduser().absolute()
    content = _read_record(path)
    folder = path / content["folder"]
    for name, digest in content["files"].items():
        file = path / name
        if not file.is_file():
            raise CheckpointError(
                f"{path}: the file {name} is missing. The model is incomplete; restore it from a copy."
            )
        if sha256_of_file(file) != digest:
            raise CheckpointError(
                f"{path}: the file {name} was altered after it was saved (its SHA-256 differs). "
                "Restore it from a copy, or train again."
            )
    if foreign := {str(f.relative_to(path)) for f in _files(folder)} - set(content["files"]):
        raise CheckpointError(
            f"{path}: {listed(sorted(foreign))} does not belong to this model. Take it out of the folder."
        )
    flat = _read_arrays(folder, content["arrays"])
    return nested(flat, _SEPARATOR), content["record"]


def _folder_named_by(file: Path) -> str | None:
    """The arrays' folder that an existing record names, if it is readable and the name is one of ours."""
    try:
        folder = json.loads(file.read_text(encoding="utf-8"))["folder"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return folder if isinstance(folder, str) and _ARRAYS.fullmatch(folder) else None


def _read_record(path: Path) -> dict[str, Any]:
    file = path / RECORD
    if not path.exists():
        raise CheckpointError(f"there is no saved model at {path}: it does not exist.")
    if not file.is_file():
        inside = sorted(file.parent for file in path.glob(f"*/{RECORD}"))
        hint = (
            f"Name {listed([str(one) for one in inside])}, inside it."
            if inside
            else "Name the folder that `smilejax train` wrote."
        )
        raise CheckpointError(f"{path} is not a saved model: it holds no {RECORD}. {hint}")
    try:
        raw = file.read_bytes()
        content = json.loads(raw.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{file} cannot be read: {error}. Restore it from a copy.") from error
    if not isinstance(content, dict) or content.get("kind") != _KIND:
        raise CheckpointError(f"{file} was not written by smilejax. Name the folder that `smilejax train` wrote.")
    if content.get("schema") != SCHEMA:
        raise CheckpointError(
            f"{path} has schema {content.get('schema')!r}; this smilejax reads schema {SCHEMA}. "
            "Use the version that wrote it (see its record), or train again."
        )
    given = content.pop("sha256", None)
    if _signed(content) != raw or given is None or not _ARRAYS.fullmatch(str(content.get("folder"))):
        raise CheckpointError(f"{file} was altered after it was saved (its SHA-256 differs). Restore it from a copy.")
    return content


def _signed(content: dict[str, Any]) -> bytes:
    """The record's text with a digest of itself. Reading compares the whole text, so that no byte may differ."""
    body = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return json_bytes({**content, "sha256": sha256_of_bytes(encoded(body))}, sort_keys=True)


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file())


def _checked(tree: Mapping[str, object], above: str = "") -> dict[str, np.ndarray]:
    """Arrays by their paths. Raises `CheckpointError` for a name or an array that cannot be kept faithfully."""
    flat: dict[str, np.ndarray] = {}
    for key, value in tree.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise CheckpointError(
                f"names of arrays must be letters, digits and '_'; one is {key!r} in {above or 'the top'}."
            )
        name = f"{above}{_SEPARATOR}{key}" if above else key
        if isinstance(value, Mapping):
            flat.update(_checked(value, name))
            continue
        array = np.asarray(value)
        if array.dtype.kind not in "fiub" or array.size == 0:
            raise CheckpointError(
                f"array {name} must be numbers, at least one; it is {array.dtype}{list(array.shape)}."
            )
        flat[name] = array
    return flat


def _write_arrays(folder: Path, flat: Mapping[str, np.ndarray]) -> None:
    """Orbax's synchronous checkpointer on host arrays: no device, mesh or sharding is written down."""
    import orbax.checkpoint as ocp

    with orbax_silent(), ocp.PyTreeCheckpointer() as checkpointer:
        checkpointer.save(folder, {stored: flat[name] for stored, name in _stored(flat).items()})
    for path in [*_files(folder), *(p for p in folder.rglob("*") if p.is_dir()), folder]:
        sync(path)


def _read_arrays(folder: Path, described: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The arrays in the files, which are known to be those that were written, by their paths; their form is checked."""
    names = _stored(described)
    _check_sizes(folder, described)
    try:
        restored = _read_from_storage(folder, {stored: described[name]["shape"] for stored, name in names.items()})
    except CheckpointError:
        raise
    except Exception:  # not as this reads them: Orbax knows every form that it ever wrote
        restored = _read_by_orbax(folder, names)
    flat = {names[stored]: np.asarray(array) for stored, array in restored.items()}
    for name, about in described.items():
        array = flat.get(name)
        if array is None or list(array.shape) != about["shape"] or array.dtype.name != about["dtype"]:
            found = "nothing" if array is None else f"{array.dtype.name}{list(array.shape)}"
            raise CheckpointError(f"{folder}: array {name} must be {about['dtype']}{about['shape']}; there is {found}.")
    return flat


def _check_sizes(folder: Path, described: Mapping[str, Any]) -> None:
    """Refuse arrays that the files cannot hold, before any memory is taken for them."""
    try:
        taken = sum(
            math.prod(map(int, about["shape"])) * np.dtype(about["dtype"]).itemsize for about in described.values()
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{folder}: what {RECORD} says of its arrays cannot be read: {error}.") from error
    if not fits(taken, sum(file.stat().st_size for file in _files(folder))):
        raise CheckpointError(
            f"{folder}: {RECORD} claims {taken / 1e6:,.0f} MB of arrays, which its files do not hold."
        )


def _read_from_storage(folder: Path, shapes: Mapping[str, list[int]]) -> dict[str, np.ndarray]:
    """Arrays by TensorStore, the library by which Orbax keeps them: importing Orbax takes thirty times as long as this."""
    import tensorstore  # type: ignore[import-untyped]

    def place(name: str) -> dict[str, object]:
        return {"driver": "zarr", "kvstore": {"driver": "ocdbt", "base": f"file://{folder}", "path": f"{name}/"}}

    opening = {name: tensorstore.open(place(name), read=True, open=True) for name in shapes}
    opened = {name: array.result() for name, array in opening.items()}
    for name, array in opened.items():  # before any memory is taken for them
        if list(array.shape) != list(shapes[name]):
            raise CheckpointError(
                f"{folder}: an array has shape {list(array.shape)}, and {RECORD} says {shapes[name]}."
            )
    reading = {name: array.read() for name, array in opened.items()}
    return {name: np.asarray(array.result()) for name, array in reading.items()}


def _read_by_orbax(folder: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    import orbax.checkpoint as ocp

    names = tuple(names)
    try:
        with ocp.PyTreeCheckpointer() as checkpointer:
            as_numpy = {name: ocp.RestoreArgs(restore_type=np.ndarray) for name in names}
            args = ocp.args.PyTreeRestore(item=dict.fromkeys(names, 0), restore_args=as_numpy)
            restored: dict[str, np.ndarray] = checkpointer.restore(folder, args=args)
    except Exception as error:  # whatever Orbax or its storage raises: the files are ours, and still unreadable
        raise CheckpointError(f"{folder} cannot be read by Orbax: {error}. Restore it from a copy.") from error
    return restored


def _stored(names: Iterable[str]) -> dict[str, str]:
    """Names for Orbax, and the array each stands for. Numbers, since Orbax would confuse the keys `a.b` and `a: {b}`."""
    return {f"array{number:04d}": name for number, name in enumerate(sorted(names))}
