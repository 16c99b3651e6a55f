"""Helpers for files written by hand."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from smilejax.recordings.trials import Trials


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a text file; returns its path."""

    def to(name: str, text: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return to


HEAD = "subject,trial,time,left,right,label"


@pytest.fixture
def rows() -> Callable[..., list[str]]:
    """Rows of one trial: six samples at 50 Hz, all different, so that order and side show."""

    def of(
        subject: str = "p1",
        trial: str = "a",
        label: str = "posed",
        times: Sequence[object] = (0, 20, 40, 60, 80, 100),
        first: float = 3.0,
    ) -> list[str]:
        return [
            f"{subject},{trial},{t},{first + i / 100:.2f},{first + 0.5 + i / 50:.2f},{label}"
            for i, t in enumerate(times)
        ]

    return of


@pytest.fixture
def tidy(write: Callable[..., Path], rows: Callable[..., list[str]]) -> Callable[..., Path]:
    """A tidy file: these rows under the usual headings; without rows two trials of different classes."""

    def of(*lines: str, head: str = HEAD, name: str = "pupil.csv") -> Path:
        body = lines or (*rows(), *rows(trial="b", label="genuine", first=4.0))
        return write(name, "\n".join((head, *body)) + "\n")

    return of


def same(a: Trials, b: Trials) -> None:
    """Assert that two sets of trials are the same but for where they came from."""
    np.testing.assert_array_equal(a.length, b.length)
    inside = a.inside()
    np.testing.assert_array_equal(a.pupil[inside], b.pupil[b.inside()])
    np.testing.assert_array_equal(a.label, b.label)
    assert a.rate_hz == pytest.approx(b.rate_hz, rel=1e-9)
    assert (a.unit, a.class_names, a.trial, a.participant) == (b.unit, b.class_names, b.trial, b.participant)
    assert (a.stimulus, a.smiler) == (b.stimulus, b.smiler)
    assert (a.blink is None) == (b.blink is None)
    if a.blink is not None and b.blink is not None:
        np.testing.assert_array_equal(a.blink[inside], b.blink[b.inside()])


@pytest.fixture
def assert_same() -> Callable[[Trials, Trials], None]:
    """Compare two sets of trials."""
    return same


@pytest.fixture
def found() -> Callable[[Trials, str], str]:
    """The value of a finding."""

    def of(trials: Trials, what: str) -> str:
        return {f.what: f.value for f in trials.source.findings}[what]

    return of
