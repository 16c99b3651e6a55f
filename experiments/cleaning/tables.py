"""Tables in Markdown, and numbers with their spread."""

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterable, Sequence

import numpy as np


def heading(title: str, *paragraphs: str) -> None:
    """Print a heading and what it is about."""
    print(f"\n## {title}")
    for text in paragraphs:
        print(f"\n{text}")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, text: int = 1) -> None:
    """Print a table; the first `text` columns are text, the others are numbers."""
    print(f"\n| {' | '.join(columns)} |")
    print("|" + "---|" * text + "---:|" * (len(columns) - text))
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


def made_by(script: str, arguments: Sequence[str]) -> None:
    """Print the command, and the versions of what made the numbers."""
    import jax

    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("smilejax", "jax", "jaxlib", "numpy", "scipy")
    )
    print(f"    python {' '.join([script, *arguments])}\n")
    print(f"Python {platform.python_version()}, {versions}; {jax.default_backend()}, {os.cpu_count()} cores.")


def ratio(over: np.ndarray, under: np.ndarray, *, root: bool = False) -> tuple[float, float]:
    """Sum over sum (its root, if asked for) of S studies, and its standard error by leaving out one study at a time."""

    def of(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            share = a / b
        return np.sqrt(share) if root else share

    value = float(of(over.sum(), under.sum()))
    if len(over) < 2:
        return value, float("nan")
    without = of(over.sum() - over, under.sum() - under)
    s = len(over)
    return value, float(np.sqrt((s - 1) / s * np.sum((without - without.mean()) ** 2)))


def plus_minus(value: tuple[float, float], digits: int, scale: float = 1.0) -> str:
    """`0.0161 ± 0.0004`; a dash where there is nothing."""
    mean, error = value[0] * scale, value[1] * scale
    if not np.isfinite(mean):
        return "–"
    return f"{mean:.{digits}f}" + (f" ± {error:.{digits}f}" if np.isfinite(error) else "")


def spread(values: Iterable[float], digits: int) -> str:
    """`12.1 / 13.4 / 15.0`: least, median, most."""
    v = np.array(list(values), float)
    return " / ".join(f"{x:.{digits}f}" for x in (v.min(), np.median(v), v.max()))
