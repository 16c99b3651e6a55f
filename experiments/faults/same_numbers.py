"""The same study again: twice, at another place and day, with other threads, processes, variables; the same bits."""

from collections.abc import Iterator, Mapping

from campaign import COMMANDS, OUT, Case, Place, Row, differ, remove

WAYS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "again": ((), {}),
    "one thread": (("--devices", "1"), {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}),
    "three threads": (("--devices", "3"), {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3", "SMILEJAX_CORES": "3"}),
    "another hash seed": ((), {"PYTHONHASHSEED": "4711"}),
    "another time zone": ((), {"TZ": "Pacific/Kiritimati"}),
    "another locale": ((), {"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    "64 bits asked for": ((), {"JAX_ENABLE_X64": "1"}),
    "other random bits asked for": ((), {"JAX_THREEFRY_PARTITIONABLE": "0", "JAX_DEFAULT_PRNG_IMPL": "rbg"}),
    "nothing compiled": ((), {"SMILEJAX_PROGRAMS": "", "JAX_ENABLE_COMPILATION_CACHE": "0"}),
}
"""Options and variables."""
FIRST = {"umask": "import os; os.umask(0o077)", "recursion": "import sys; sys.setrecursionlimit(3000)"}


def cases(place: Place, count: int) -> Iterator[Case]:
    """Plans in every way; studies in the first `count` of them."""
    for command, ways in (("train-many", len(WAYS)), ("evaluate", count)):
        if command not in place.commands:
            continue
        whole = place.whole(command)
        for what, (options, variables) in list(WAYS.items())[:ways]:
            out = place.folder / "again" / OUT[command]
            out.parent.mkdir(exist_ok=True)
            remove(out)
            words = (*COMMANDS[command], "--out", str(out.relative_to(place.folder)), *options)
            ended = place.run(*words, variables=variables)
            wrong = ended.said[-600:] if ended.code else differ(place, command, whole, out)
            yield Case(f"{command}, {what}", not wrong, wrong)
    for what, first in FIRST.items():
        out = place.folder / "again" / "runs"
        remove(out)
        ended = place.run(*COMMANDS["train-many"], "--out", str(out.relative_to(place.folder)), first=first)
        wrong = ended.said[-600:] if ended.code else differ(place, "train-many", place.whole("train-many"), out)
        yield Case(f"train-many, {what}", not wrong, wrong)


ROW = Row(
    name="same-numbers",
    done="the same plan and study again, with other threads, time zone, locale, hash seed, umask, variables, nothing compiled",
    must="the same bits",
    cases=cases,
    full=9,
)
