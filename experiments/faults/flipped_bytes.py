"""One byte changed in every file of a model, a plan, a study and the caches: refused and named, or made anew."""

import shutil
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from campaign import COMMANDS, Case, Place, Row, remove

from smilejax import load_model, load_runs, load_study
from smilejax._util.errors import SmilejaxError

LOADED: Mapping[str, tuple[str, Callable[[Path], object]]] = {
    "model": ("train", load_model),
    "plan": ("train-many", load_runs),
    "study": ("evaluate", load_study),
}
"""By kind of folder: the command that makes it, and what loads it."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """Each file of each kind of folder, `count` bytes of it, in the middle of the file as well as anywhere."""
    place.seconds("train-many")  # fills the caches
    for kind, (command, load) in LOADED.items():
        path = place.whole(command)
        for file in files_in(path):
            for number in range(count):
                copy = place.folder / "flipped" / path.name
                remove(copy)
                shutil.copytree(path, copy)
                at = _flip(copy / file.relative_to(path), place.random, number)
                wrong = wrong_with(load, copy, copy / file.relative_to(path))
                yield Case(f"{kind}, {file.relative_to(path)}, byte {at}", not wrong, wrong)
    yield from _of_caches(place, count)


def files_in(path: Path) -> list[Path]:
    """Every file below a folder that holds something, but a study's page, which `smilejax report` makes anew."""
    files = (one for one in path.rglob("*") if one.is_file() and one.stat().st_size)
    return sorted(one for one in files if one.name != "report.html")


def _flip(file: Path, random: np.random.Generator, number: int) -> int:
    """Change one bit of one byte: anywhere, then the first and the last one."""
    content = bytearray(file.read_bytes())
    at = (int(random.integers(len(content))), 0, len(content) - 1)[number % 3]
    content[at] ^= 1 << int(random.integers(8))
    file.write_bytes(content)
    return at


def wrong_with(load: Callable[[Path], object], copy: Path, file: Path) -> str:
    """What is wrong with what comes of a damaged file; empty where it is refused, naming it or its folder."""
    try:
        load(copy)
    except SmilejaxError as error:
        return "" if file.name in str(error) or str(copy) in str(error) else f"not named: {error}"
    except Exception:
        return traceback.format_exc(limit=-3)
    return "it was taken"


def _of_caches(place: Place, count: int) -> Iterator[Case]:
    """Every kept program, by JAX and by ours, has a byte changed at once; the numbers must be the same, without a word."""
    cache = place.folder / "cache"
    for number in range(count):
        files = files_in(cache)
        for file in files:
            _flip(file, place.random, number)
        out = place.folder / "flipped" / "runs"
        remove(out)
        ended = place.run(*COMMANDS["train-many"], "--out", str(out.relative_to(place.folder)))
        same = (
            ended.code == 0
            and (out / "results.npz").read_bytes() == (place.whole("train-many") / "results.npz").read_bytes()
        )
        yield Case(f"caches, all {len(files)} files at once", same and ended.clean, ended.said[-600:])


ROW = Row(
    name="flipped-bytes",
    done="one byte changed in every file of a model, a plan, a study, and in all kept programs",
    must="refused, naming the file or its folder; a kept program is made anew, with the same numbers",
    cases=cases,
    full=3,
)
