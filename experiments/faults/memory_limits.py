"""Limits of address space under a study of 2000 trials."""

from collections.abc import Iterator

from campaign import SMALL, Case, Place, Row, remove

LIMITS_GB = (2, 4, 8)
"""Programs of JAX and its threads reserve some 2 GB of addresses before any array is made."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """Each limit once."""
    if not (place.folder / "many.csv").exists():
        size = ("--participants", "50", "--smilers", "20", "--rate-hz", "20", "--duration-ms", "2000")
        place.must("simulate", "--out", "many.csv", *size)
    study = ("evaluate", "many.csv", *SMALL, "--seeds", "1", "--permutations", "0", "--draws", "200")
    folds = ("--participant-folds", "2", "--stimulus-folds", "2", "--shuffled-folds", "2")
    for limit in LIMITS_GB:
        remove(place.folder / "limited")
        first = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({limit} << 30, {limit} << 30))"
        ended = place.run(*study, *folds, "--out", "limited", first=first, seconds=1800)
        trained = "runs: 1 of" in ended.said
        ok = (ended.code == 0 or (ended.code == 2 and not trained)) and "Traceback" not in ended.said
        yield Case(f"{limit} GB, exit code {ended.code}", ok, ended.said[-900:])


ROW = Row(
    name="memory-limits",
    done="RLIMIT_AS of 2, 4 and 8 GB under evaluate of 2000 trials",
    must="it ends well, or with exit code 2 and a clear error before training",
    cases=cases,
    full=1,
)
