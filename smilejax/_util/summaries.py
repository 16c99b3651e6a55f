"""Short descriptions of what is large: one line for `repr`, a small table for notebooks."""

from collections.abc import Iterable, Sequence
from html import escape


def counted(n: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 trial", "12 trials".

    Example:
        >>> counted(1, "trial"), counted(2, "stimulus", "stimuli")
        ('1 trial', '2 stimuli')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def groups(
    participants: Sequence[object],
    stimuli: Sequence[object] | None,
    smilers: Sequence[object] | None,
    *,
    participant: str = "participant",
) -> str:
    """How many participants, stimuli and smilers there are: "8 participants, 12 stimuli, 6 smilers".

    Arguments:
        participants, stimuli, smilers: one name or code for each trial; None where they were not recorded.
        participant: what a participant is called.
    """
    parts = [counted(len(set(participants)), participant)]
    if stimuli is not None:
        parts.append(counted(len(set(stimuli)), "stimulus", "stimuli"))
    if smilers is not None:
        parts.append(counted(len(set(smilers)), "smiler"))
    return ", ".join(parts)


def classes(labels: Iterable[int], names: Sequence[str]) -> str:
    """Trials of each class: "24 posed, 24 genuine", and how many are without label.

    Example:
        >>> classes([0, 1, 1, -1], ("Easy", "Hard"))
        '1 Easy, 2 Hard, 1 without label'
    """
    labels = list(labels)
    parts = [f"{labels.count(k)} {name}" for k, name in enumerate(names)]
    rest = len(labels) - sum(labels.count(k) for k in range(len(names)))
    return ", ".join(parts + ([f"{rest} without label"] if rest else []))


def duration(length_s: float, start_ms: float = 0.0) -> str:
    """How long trials are, and where they begin, if not at their onset.

    Example:
        >>> duration(10.0), duration(10.0, -2000.0)
        ('10 s', '10 s, from -2000 ms')
    """
    return f"{length_s:.4g} s" + (f", from {start_ms:g} ms" if start_ms else "")


def as_html(title: str, rows: Iterable[tuple[object, ...]]) -> str:
    """A table of names and what is said of them, in one column or several, for a notebook; everything is escaped."""
    body = "".join(
        f'<tr><th style="text-align:left">{escape(str(name))}</th>'
        + "".join(f'<td style="text-align:left">{escape(str(value))}</td>' for value in values)
        + "</tr>"
        for name, *values in rows
    )
    return f"<table><caption><b>{escape(title)}</b></caption>{body}</table>"
