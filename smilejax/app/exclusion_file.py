"""Trials to leave out as a file: a table of participant, trial, reason and blind, which `--exclude` takes."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from smilejax._util.errors import ReadError
from smilejax._util.files import write_atomically
from smilejax.app.browsing import Browsing, WhyExcluded
from smilejax.readers.exclusions import load_exclusions

COLUMNS = ("participant", "trial", "reason", "blind")


def as_csv(state: Browsing) -> str:
    """The lines of the file, in the order of the recording."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for row, why in sorted(state.excluded.items()):
        name = state.trials[row]
        table.writerow((name.participant, name.trial, why.reason, {True: "yes", False: "no", None: ""}[why.blind]))
    return text.getvalue()


def save(state: Browsing, path: Path) -> None:
    """Write the file, in one step, over the one before."""
    text = as_csv(state).encode("utf-8")
    write_atomically(path, lambda file: _write(file, text))


def load(path: Path, state: Browsing) -> Mapping[int, WhyExcluded]:
    """The trials that a file leaves out, by row.

    Raises:
        ReadError: it cannot be read, names a trial that there is not, or one twice.
    """
    found: dict[int, WhyExcluded] = {}
    for one in load_exclusions(path):
        rows = [
            row
            for row, name in enumerate(state.trials)
            if name.participant == one.participant and one.trial in ("", name.trial)
        ]
        if not rows:
            raise ReadError(
                f"{path}: there is no trial {one.trial!r} of participant {one.participant!r} in these recordings.",
                hint="Is it the file of other recordings? Name another.",
            )
        found |= {row: WhyExcluded(one.reason, one.blind) for row in rows}
    return found


def _write(path: Path, text: bytes) -> None:
    path.write_bytes(text)
