"""A process of several that is killed, and one that waits for a process that never starts."""

import socket
import time
from collections.abc import Iterator

from campaign import COMMANDS, Case, Place, Row, remove

MOST_SECONDS = 360.0
"""Within these the others end: JAX waits five minutes for a process that has not come, 100 s for one that is gone again."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """The first or the second process is killed at a random instant; the other must end, and both go on after that.

    From three repetitions on also a process that waits for one that never starts, which takes five minutes.
    """
    seconds = place.seconds("train-many")
    for number in range(count):
        yield _one_killed(place, number % 2, float(place.random.uniform(1, 2 * seconds)))
    if count > 2:
        yield _never_starts(place)


def _words(out: str, port: int, process: int) -> tuple[str, ...]:
    several = ("--distributed", "--coordinator", f"127.0.0.1:{port}", "--processes", "2", "--process", str(process))
    return (*COMMANDS["train-many"], "--out", out, "--devices", "1", *several)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _one_killed(place: Place, which: int, later: float) -> Case:
    out = place.folder / "shared"
    remove(out)
    what = f"process {which} of 2 killed after {later:.1f} s"
    port = _free_port()
    both = [place.start(*_words("shared", port, process)) for process in (0, 1)]
    time.sleep(later)
    both[which].kill()
    killed = time.monotonic()
    other = both[1 - which]
    try:
        said = other.communicate(timeout=MOST_SECONDS)[0]
    except Exception:
        other.kill()
        return Case(what, False, f"the other had not ended after {MOST_SECONDS} s: {other.communicate()[0][-600:]}")
    took = time.monotonic() - killed
    both[which].communicate()
    resume = ("--resume",) if (out / "plan.json").exists() else ()
    port = _free_port()
    again = [place.start(*_words("shared", port, process), *resume) for process in (0, 1)]
    ends = [process.communicate()[0] for process in again]
    if any(process.returncode for process in again):
        return Case(what, False, f"going on ended with {[p.returncode for p in again]}: {ends[0][-600:]}")
    same = (out / "results.npz").read_bytes() == (place.whole("train-many") / "results.npz").read_bytes()
    return Case(
        f"{what}: the other ended with {other.returncode} after {took:.0f} s", same, f"other bytes; {said[-300:]}"
    )


def _never_starts(place: Place) -> Case:
    """JAX waits five minutes for it; the message must say who is awaited."""
    ended = place.run(*_words("alone", _free_port(), 0), seconds=420)
    return Case("a peer that never starts", ended.code == 2 and "Traceback" not in ended.said, ended.said[-800:])


ROW = Row(
    name="several-processes",
    done="one process of two that share a plan is killed at a random instant; a peer never starts",
    must="the other ends in time, and both go on to the same bytes; a message where nobody came",
    cases=cases,
    full=20,
)
