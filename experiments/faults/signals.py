"""SIGTERM, SIGINT, SIGHUP and two Ctrl-C at random instants: an exit code that is documented, within 5 s, and what goes on."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

from campaign import COMMANDS as SMALL_STUDIES
from campaign import ENDED, OUT, Case, Place, Row, after, differ, remove
from kills import RESUMED

SENT = {
    "SIGINT": ((signal.SIGINT,), {130, -signal.SIGINT}),
    "two Ctrl-C": ((signal.SIGINT, signal.SIGINT), {130, -signal.SIGINT}),
    "SIGTERM": ((signal.SIGTERM,), {-signal.SIGTERM}),
    "SIGHUP": ((signal.SIGHUP,), {-signal.SIGHUP}),
}
"""Signals, and the exit codes that docs/reliability.md promises. A process that a signal ended has the negative of its number
here, and 128 + its number in a shell: SIGINT while Python itself ends, once all is written, so gives 130 there too."""
MOST_SECONDS = 5.0


def cases(place: Place, count: int) -> Iterator[Case]:
    """Each signal during `train-many`, by turns during `evaluate`."""
    for command in [one for one in ("train-many", "evaluate") if one in place.commands]:
        seconds = place.seconds(command)
        for name, (signals, codes) in SENT.items():
            for _ in range(count if command == "train-many" else max(1, count // 4)):
                case = _signalled(place, command, name, signals, codes, seconds)
                if ENDED in case.what:  # the machine is less busy than it was
                    seconds = place.seconds(command)
                yield case


def _signalled(
    place: Place, command: str, name: str, signals: tuple[int, ...], codes: set[int], seconds: float
) -> Case:
    out = place.folder / "signalled" / OUT[command]
    out.parent.mkdir(exist_ok=True)
    remove(out)
    words = (*SMALL_STUDIES[command], "--out", str(out.relative_to(place.folder)))
    later = float(place.random.uniform(0.5, seconds))
    process = place.start(*words)
    due = after(later)
    while process.poll() is None and not due():
        time.sleep(0.01)
    sent = time.monotonic()
    for number in signals:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
        time.sleep(0.05)
    said = process.communicate()[0]
    took = time.monotonic() - sent
    what = f"{name}, {command} after {later:.1f} s"
    if process.returncode not in {0, *codes}:
        return Case(what, False, f"exit code {process.returncode}: {said[-600:]}")
    if took > MOST_SECONDS or "Traceback" in said:
        return Case(what, False, f"ended after {took:.1f} s: {said[-600:]}")
    if process.returncode == 0 or (out / "study.json").exists():
        return Case(f"{what} {ENDED}", True)
    begun = (out / ("plan.json" if command == "train-many" else "begun.json")).exists()
    again = place.run(*words, *(RESUMED[command] if begun else ()))
    if again.code or not again.clean:
        return Case(what, False, f"going on ended with {again.code}: {again.said[-600:]}")
    differing = differ(place, command, place.whole(command), out)
    return Case(what, not differing, differing)


ROW = Row(
    name="signals",
    done="SIGINT, two Ctrl-C, SIGTERM and SIGHUP at random instants of train-many and evaluate",
    must=f"the exit code that is documented, within {MOST_SECONDS:.0f} s, and the same numbers when it goes on",
    cases=cases,
    full=20,
)
