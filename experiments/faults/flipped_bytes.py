"""One byte changed in every file of a model, a plan, a study and the caches: refused and named, or made anew."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from campaign import COMMANDS, Case, Place, Row, remove

Outcome = Callable[[Place, Path, Path], str]
"""What is wrong with what comes of a damaged file, given the damaged copy and the file in it; empty where nothing is."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """Each file of each kind of folder, `count` bytes of it, in the middle of the file as well as anywhere."""
    place.seconds("train-many")  # fills the caches
    whole = {"model": place.whole("train"), "plan": place.whole("train-many"), "study": place.whole("evaluate")}
    answers: dict[str, Outcome] = {"model": _predicts, "plan": _loads_runs, "study": _loads_study}
    for kind, path in whole.items():
        for file in _files(path):
            for number in range(count):
                copy = place.folder / "flipped" / path.name
                remove(copy)
                shutil.copytree(path, copy)
                at = _flip(copy / file.relative_to(path), place.random, number)
                wrong = answers[kind](place, copy, copy / file.relative_to(path))
                yield Case(f"{kind}, {file.relative_to(path)}, byte {at}", not wrong, wrong)
    yield from _of_caches(place, count)


def _files(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file() and one.stat().st_size)


def _flip(file: Path, random: np.random.Generator, number: int) -> int:
    """Change one bit of one byte: anywhere, then the first and the last one."""
    content = bytearray(file.read_bytes())
    at = (int(random.integers(len(content))), 0, len(content) - 1)[number % 3]
    content[at] ^= 1 << int(random.integers(8))
    file.write_bytes(content)
    return at


def _refused(place: Place, code: str, copy: Path, file: Path) -> str:
    """Python that must raise the package's own error, naming the file or folder."""
    program = f"import sys; path = sys.argv[1]\n{code}"
    first = f"import sys, smilejax\nfrom smilejax._util.errors import SmilejaxError\ntry:\n exec({program!r}, {{}})\n"
    first += "except SmilejaxError as error:\n print('REFUSED', error)\nelse:\n print('TAKEN')\nsys.exit(0)"
    said = place.run(str(copy), first=first).said
    named = file.name in said or str(copy) in said
    return "" if "REFUSED" in said and named else said[-600:]


def _predicts(place: Place, copy: Path, file: Path) -> str:
    return _refused(place, "import smilejax; smilejax.load_model(path)", copy, file)


def _loads_study(place: Place, copy: Path, file: Path) -> str:
    return _refused(place, "import smilejax; smilejax.load_study(path)", copy, file)


def _loads_runs(place: Place, copy: Path, file: Path) -> str:
    return _refused(place, "import smilejax; smilejax.load_runs(path)", copy, file)


def _of_caches(place: Place, count: int) -> Iterator[Case]:
    """Every kept program, by JAX and by ours, has a byte changed at once; the numbers must be the same, without a word."""
    cache = place.folder / "cache"
    for number in range(count):
        files = [file for file in _files(cache) if file.is_file()]
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
