"""Trials to leave out as a file: a table of participant, trial, reason and blind, which `--exclude` takes."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from smilejax._util.json_files import write_bytes
from smilejax.app.browsing import Browsing, WhyExcluded
from smilejax.readers.exclusions import BLIND, excluded_rows, load_exclusions
from smilejax.recordings.kinds import Kind

COLUMNS = ("participant", "trial", "reason", "blind")
_SPELLED = {how: word for word, how in BLIND.items()}


def as_csv(state: Browsing) -> str:
    """The lines of the file, in the order of the recording."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for row, why in sorted(state.excluded.items()):
        name = state.trials[row]
        table.writerow((name.participant, name.trial, why.reason, _SPELLED[why.blind]))
    return text.getvalue()


def save(state: Browsing, path: Path) -> None:
    """Write the file, in one step, over the one before."""
    write_bytes(path, as_csv(state).encode("utf-8"))


def load(path: Path, state: Browsing, kind: Kind) -> Mapping[int, WhyExcluded]:
    """The trials that a file leaves out, by row. kind: of the recordings, for messages.

    Raises:
        ReadError: it cannot be read, names a trial that there is not, or one twice.
    """
    trial, participant = ([getattr(one, name) for one in state.trials] for name in ("trial", "participant"))
    found = excluded_rows(trial, participant, load_exclusions(path), str(path), kind)
    return {row: WhyExcluded(one.reason, one.blind) for row, one in found.items()}
