"""A study as one self-contained page."""

from pathlib import Path
from typing import Any


def write_report(numbers: dict[str, Any], path: Path) -> Path:
    raise NotImplementedError
