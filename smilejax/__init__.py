"""Tell genuine from posed smiles by the pupils of those who watch them, with JAX and Flax.

Names are loaded when first used, so that `import smilejax` is quick and imports neither jax nor orbax.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Trials": "trials",
    "Finding": "trials",
    "Source": "trials",
    "SmilejaxError": "errors",
    "ReadSettings": "settings",
    "SimulationSettings": "settings",
    "Recipe": "settings",
    "ModelSettings": "settings",
    "TrainingSettings": "settings",
    "read": "readers",
    "write_tidy": "readers",
    "simulate_study": "simulate",
    "Simulation": "simulate",
    "Truth": "simulate",
    "truth_table": "simulate",
    "Destruction": "simulate",
    "Dataset": "dataset",
    "Verdict": "dataset",
    "Reason": "preprocess",
    "clean": "preprocess",
    "prepare": "preprocess",
    "hold_out_participants": "splits",
    "hold_out_smilers": "splits",
    "logits": "model",
    "from_torch": "torch_weights",
    "to_torch": "torch_weights",
    "train": "training",
    "RunResult": "training",
    "Status": "training",
    "Progress": "training",
    "Predictor": "predictor",
    "load": "predictor",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'smilejax' has no attribute {name!r}")
    value = getattr(import_module(f"smilejax.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
