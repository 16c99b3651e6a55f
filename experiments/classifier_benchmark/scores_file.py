"""The file of scores: a row for each problem, draw, classifier and recipe. What is in it is not computed again."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from classifier_benchmark.problems import Kind


@dataclass(frozen=True)
class Row:
    """One score.

    Arguments:
        kind, problem, draw: as in `Problem`.
        classifier, recipe: what was scored, and by which recipe trials were prepared.
        balanced_accuracy: of held-out trials.
        difference, low, high, p: of recordings and series, the network's minus this; None where there is none.
    """

    kind: Kind
    problem: str
    draw: int
    classifier: str
    recipe: str
    balanced_accuracy: float
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None

    @property
    def study(self) -> tuple[str, int]:
        """What classifiers are compared on."""
        return self.problem, self.draw


NUMBERS = ("balanced_accuracy", "difference", "low", "high", "p")


def read(path: Path) -> list[Row]:
    """All rows; none where there is no file.

    Raises:
        SystemExit: the file has other columns.
    """
    if not path.exists() or not path.stat().st_size:
        return []
    with path.open(newline="") as file:
        table = csv.DictReader(file)
        names = [field.name for field in fields(Row)]
        if table.fieldnames != names:
            raise SystemExit(
                f"{path} must have the columns {', '.join(names)}; it has {table.fieldnames}. Name another file."
            )
        return [Row(**{**row, **_numbers(row), "draw": int(row["draw"])}) for row in table]


def _numbers(row: dict[str, str]) -> dict[str, float | None]:
    return {name: float(row[name]) if row[name] else None for name in NUMBERS}


def add(path: Path, rows: Iterable[Row]) -> None:
    """Append rows, with a heading where the file is new."""
    new = not path.exists() or not path.stat().st_size
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        if new:
            writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
