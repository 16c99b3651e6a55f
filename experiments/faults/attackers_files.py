"""A model, a plan and a study forged by someone who knows the format and signs them: refused before memory is taken."""

import io
import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from campaign import Case, Place, Row, remove

from smilejax._util.json_files import sha256_of_bytes, signed, write_json
from smilejax.prediction import checkpoint

MOST_BYTES = 3 << 30
"""Addresses that loading may take: libraries reserve some 2 GB before anything is read."""


class Harm:
    """Makes a file called `ran` when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch ran",)


def _header(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": dtype, "fortran_order": False, "shape": shape})
    return content.getvalue()


def _archive(members: Mapping[str, bytes], *, squeezed: bool = True) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED if squeezed else zipfile.ZIP_STORED) as file:
        for name, held in members.items():
            file.writestr(name, held)
    return content.getvalue()


def _first(content: dict[str, Any]) -> dict[str, Any]:
    return content["arrays"][sorted(content["arrays"])[0]]


Forge = Callable[[dict[str, Any]], object]
MODELS: Mapping[str, Forge] = {
    "a shape of 10^12": lambda c: _first(c).update(shape=[10**6, 10**6]),
    "a shape below zero": lambda c: _first(c).update(shape=[-1]),
    "a shape of text": lambda c: _first(c).update(shape=["10"]),
    "dtype object": lambda c: _first(c).update(dtype="object"),
    "dtype of nobody": lambda c: _first(c).update(dtype="os.system"),
    "an array more": lambda c: c["arrays"].update({"x/y": {"shape": [2], "dtype": "float32"}}),
    "no arrays": lambda c: c.update(arrays={}),
    "a folder above": lambda c: c.update(folder=".."),
    "a folder of the system": lambda c: c.update(folder="/etc"),
    "a file above": lambda c: c["files"].update({"../../recording.csv": "0" * 64}),
    "a file of the system": lambda c: c["files"].update({"/etc/passwd": "0" * 64}),
    "10^9 hidden units": lambda c: c["record"]["settings"]["model"].update(hidden=10**9),
    "10^9 members": lambda c: c["record"].update(members=10**9),
    "a rate of 10^12 Hz": lambda c: c["record"]["recipe"].update(resample_hz=1e12),
    "a network of nobody": lambda c: c["record"]["settings"]["model"].update(network="os:system"),
    "settings that are a list": lambda c: c["record"].update(settings=[]),
    "100,000 levels": lambda c: c["record"].update(made=json.loads("[" * 900 + "]" * 900)),
}
"""What is changed in the record of a model, which is then signed as smilejax signs it."""
ARRAYS: Mapping[str, Callable[[], bytes]] = {
    "npz of a pickle": lambda: _archive({"logits.npy": _header((1,), "|O") + pickle.dumps([Harm()])}),
    "npz of 4 TB": lambda: _archive({"logits.npy": _header((10**6, 10**6))}),
    "npz that is a bomb": lambda: _archive({"logits.npy": _header((1 << 27,)) + bytes(1 << 29)}),
    "npz with a path": lambda: _archive({"../../ran.npy": _header((0,))}),
}
"""Results of a plan and arrays of a study, signed as well."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """Each forgery once."""
    model, plan = place.whole("train"), place.whole("train-many")
    for what, forge in MODELS.items():
        copy = place.folder / "forged" / "model"
        remove(copy)
        shutil.copytree(model, copy)
        content = json.loads((copy / "model.json").read_text())
        content.pop("sha256")
        forge(content)
        (copy / "model.json").write_bytes(checkpoint._signed(content))
        yield _loaded(
            place, f"model: {what}", "smilejax.load_model(path).predict(smilejax.read('recording.csv'))", copy
        )
    for what, made in ARRAYS.items():
        copy = place.folder / "forged" / "plan"
        remove(copy)
        shutil.copytree(plan, copy)
        record = json.loads((copy / "plan.json").read_text())
        (copy / "results.npz").write_bytes(made())
        record["results_sha256"] = sha256_of_bytes((copy / "results.npz").read_bytes())
        write_json(copy / "plan.json", signed(record))
        yield _loaded(place, f"plan: {what}", "smilejax.load_runs(path)", copy)


def _loaded(place: Place, what: str, code: str, path: Path) -> Case:
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({MOST_BYTES}, {MOST_BYTES}))"
    first = f"""
import sys, smilejax, resource
from smilejax._util.errors import SmilejaxError
path = sys.argv[1]
try:
    {code}
except SmilejaxError as error:
    print("REFUSED", error)
else:
    print("TAKEN")
status = open("/proc/self/status").read()  # getrusage counts what the process was forked from
print("MEMORY", status.partition("VmHWM:")[2].split()[0])
sys.exit(0)
"""
    ended = place.run(str(path), first=limit + first)
    ran = (place.folder / "ran").exists()
    taken = int(ended.said.rpartition("MEMORY ")[2].split()[0]) if "MEMORY" in ended.said else 0
    ok = "REFUSED" in ended.said and not ran and taken < 1_200_000
    return Case(f"{what} ({taken // 1000} MB)", ok, ("it ran; " if ran else "") + ended.said[-500:])


ROW = Row(
    name="attackers-files",
    done="models and plans forged and signed by one who knows the format: pickles, bombs, paths, shapes, settings",
    must="refused in words, nothing run, no more memory taken than for a true one",
    cases=cases,
    full=1,
)
