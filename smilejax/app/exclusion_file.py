"""Decisions as files: a table of the trials to leave out, which `--exclude` takes, and beside it one of those accepted."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from smilejax._util.errors import ReadError
from smilejax._util.json_files import write_bytes
from smilejax.app.browsing import Browsing, TrialName, WhyExcluded
from smilejax.readers.exclusions import BLIND, excluded_rows, load_exclusions
from smilejax.recordings.kinds import Kind

COLUMNS = ("participant", "trial", "reason", "blind")
ACCEPTED_COLUMNS = ("participant", "trial")
EXCLUDED, ACCEPTED = "-excluded", "-accepted"
"""How the names of the two files end, before `.csv`."""
_SPELLED = {how: word for word, how in BLIND.items()}


def as_csv(state: Browsing) -> str:
    """The lines of the file of exclusions, in the order of the recording."""
    rows = [(state.trials[row], why) for row, why in sorted(state.excluded.items())]
    return _table(COLUMNS, [(name.participant, name.trial, why.reason, _SPELLED[why.blind]) for name, why in rows])


def save(state: Browsing, path: Path) -> None:
    """Write the file of exclusions, in one step, over the one before."""
    write_bytes(path, as_csv(state).encode("utf-8"))


def load(path: Path, state: Browsing, kind: Kind) -> Mapping[int, WhyExcluded]:
    """The trials that a file leaves out, by row; none where it has headings alone, as once every exclusion was taken back.

    Arguments:
        kind: of the recordings, for messages.

    Raises:
        ReadError: it cannot be read, names a trial that there is not, or one twice.
    """
    trial, participant = ([getattr(one, name) for one in state.trials] for name in ("trial", "participant"))
    found = excluded_rows(trial, participant, load_exclusions(path), str(path), kind)
    return {row: WhyExcluded(one.reason, one.blind) for row, one in found.items()}


def accepted_path(exclusions: Path) -> Path:
    """The file of accepted trials that belongs to a file of exclusions.

    Example:
        >>> [accepted_path(Path(name)).name for name in ("recording-excluded.csv", "mine.csv")]
        ['recording-accepted.csv', 'mine-accepted.csv']
    """
    return exclusions.with_name(f"{exclusions.stem.removesuffix(EXCLUDED)}{ACCEPTED}.csv")


def save_accepted(state: Browsing, path: Path) -> None:
    """Write the file of accepted trials, in one step, over the one before. Trials in it that these recordings do not have
    are kept: the same recordings may have been read otherwise.

    Raises:
        ReadError: the file that stands there is damaged; it stays as it is. OutputError: it cannot be written.
    """
    before = accepted_names(path) if path.exists() else ()
    own = set(state.trials)
    names = [*(state.trials[row] for row in sorted(state.accepted)), *(name for name in before if name not in own)]
    text = _table(ACCEPTED_COLUMNS, [(name.participant, name.trial) for name in names])
    write_bytes(path, text.encode("utf-8"))


def load_accepted(path: Path, state: Browsing) -> frozenset[int]:
    """The trials that a file accepts, by row; those that these recordings do not have are passed over.

    Raises:
        ReadError: it is damaged.
    """
    rows = {name: row for row, name in enumerate(state.trials)}
    return frozenset(rows[name] for name in accepted_names(path) if name in rows)


def accepted_names(path: Path) -> tuple[TrialName, ...]:
    """The trials that a file accepts, in its order.

    Raises:
        ReadError: it cannot be read, or is not such a table.
    """
    hint = "Mend it, or move it elsewhere: it is not written over as it is."
    try:
        lines = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    except (OSError, UnicodeError, csv.Error) as error:
        raise ReadError(f"{path}: the accepted trials cannot be read: {error}.", hint=hint) from error
    if not lines or tuple(lines[0]) != ACCEPTED_COLUMNS:
        raise ReadError(
            f"{path}: a table of accepted trials begins with the line {','.join(ACCEPTED_COLUMNS)}.", hint=hint
        )
    found = []
    for number, line in enumerate(lines[1:], 2):
        if line and len(line) != len(ACCEPTED_COLUMNS):
            raise ReadError(f"{path}: row {number} does not hold one participant and one trial.", hint=hint)
        found += [TrialName(*line)] if line else []
    return tuple(dict.fromkeys(found))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(heads)
    table.writerows(rows)
    return text.getvalue()
