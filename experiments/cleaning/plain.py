"""The plain NumPy and SciPy version of the steps, which the tests hold the package against."""

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def plain_cleaning() -> ModuleType:
    """`tests/helpers/plain_cleaning.py` as a module."""
    spec = importlib.util.spec_from_file_location("plain_cleaning", ROOT / "tests" / "helpers" / "plain_cleaning.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
