"""Limits of memory under a study of 2000 trials: of address space (`ulimit -v`), and of a cgroup, as a container has one."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from campaign import SMALL, Case, Place, Row, remove

LIMITS_GB = (2, 4, 8)
"""Of address space. Programs of JAX and its threads reserve some 2 GB of addresses before any array is made."""
GROUP_LIMITS_GB = (0.5, 1, 2)
"""Of a cgroup, which counts memory that is used."""
ROOT = Path("/sys/fs/cgroup")


def cases(place: Place, count: int) -> Iterator[Case]:
    """Each limit once; those of a cgroup where one can be made, which only root can."""
    if not (place.folder / "many.csv").exists():
        size = ("--participants", "50", "--smilers", "20", "--rate-hz", "20", "--duration-ms", "2000")
        place.must("simulate", "--out", "many.csv", *size)
    for gigabytes in LIMITS_GB:
        size = f"{gigabytes} << 30"
        first = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({size}, {size}))"
        yield _limited(place, f"{gigabytes} GB of address space", first)
    for gigabytes in GROUP_LIMITS_GB:
        with _group(int(gigabytes * 2**30)) as group:
            if group is not None:
                first = f"import os; open({str(group / 'cgroup.procs')!r}, 'w').write(str(os.getpid()))"
                yield _limited(place, f"a cgroup of {gigabytes} GB", first)


@contextlib.contextmanager
def _group(limit_bytes: int) -> Iterator[Path | None]:
    """A group with a limit, or none where groups cannot be made here."""
    old = (ROOT / "memory").is_dir()
    group = (ROOT / "memory" if old else ROOT) / "smilejax-campaign"
    try:
        group.mkdir(exist_ok=True)
        (group / ("memory.limit_in_bytes" if old else "memory.max")).write_text(str(limit_bytes))
    except OSError:
        yield None
        return
    yield group
    with contextlib.suppress(OSError):
        group.rmdir()


def _limited(place: Place, what: str, first: str) -> Case:
    study = ("evaluate", "many.csv", *SMALL, "--seeds", "1", "--permutations", "0", "--draws", "200")
    folds = ("--participant-folds", "2", "--stimulus-folds", "2", "--shuffled-folds", "2")
    remove(place.folder / "limited")
    ended = place.run(*study, *folds, "--out", "limited", first=first, seconds=1800)
    trained = "runs: 1 of" in ended.said
    ok = (ended.code == 0 or (ended.code == 2 and not trained)) and "Traceback" not in ended.said
    return Case(f"{what}, exit code {ended.code}", ok, ended.said[-900:])


ROW = Row(
    name="memory-limits",
    done="RLIMIT_AS of 2, 4 and 8 GB, and a cgroup of 0.5, 1 and 2 GB, under evaluate of 2000 trials",
    must="it ends well, or with exit code 2 and a clear error before training",
    cases=cases,
    full=1,
)
