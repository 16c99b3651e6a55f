"""What determines every number of a plan's results: stored with them, and compared before they are resumed."""

import json
from typing import NotRequired, TypedDict

import numpy as np
from jaxtyping import Array

from smilejax._util.errors import listed
from smilejax._util.json_files import sha256_of_arrays, sha256_of_json
from smilejax._util.numerical_environment import numerical_environment
from smilejax._util.typed_json import JsonValue
from smilejax.models.native import lstm_kernel
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import to_json
from smilejax.training.plans.plan import SETTINGS, Plan, setting_of

Aspect = TypedDict("Aspect", {"is": JsonValue, "sha256": NotRequired[str]})
"""One thing that determines the numbers: `is`, in words or by name, for readers; and `sha256`, which decides where the words
do not hold all."""
Identity = dict[str, Aspect]
"""By aspect."""

ENVIRONMENT = ("software", "flags", "variables", "processor")
"""The aspects that `numerical_environment` gives; of results that are whole they no longer matter."""


def identity_of(dataset: Dataset, plan: Plan, *, kept: str) -> Identity:
    """The identity of a plan on a dataset, as JSON stores it.

    Arguments:
        kept: what is kept of each run, in words.
    """
    permuted = plan.permuted
    names = [channel.name for channel in dataset.channels]
    first, last = min(plan.seeds), max(plan.seeds)
    found = {
        "data": _aspect(
            f"{len(dataset)} trials of {dataset.x.shape[1]} steps, channels {listed(names)}",
            sha256_of_arrays(*_arrays(dataset), np.array(names)),
        ),
        "folds": _aspect(
            f"{len(plan.folds)} by {plan.folds.scheme}",
            sha256_of_arrays(plan.folds.train, plan.folds.validation, plan.folds.test),
        ),
        "settings": _aspect(
            {name: list(dict.fromkeys(setting_of(s, name) for s in plan.variants)) for name in SETTINGS},
            sha256_of_json([to_json(settings) for settings in plan.variants]),
        ),
        "seeds": _aspect(f"{len(plan.seeds)} ({first} to {last})", sha256_of_arrays(np.array(plan.seeds, np.int64))),
        "permutations": _aspect("none")
        if permuted is None
        else _aspect(f"{len(permuted)} (scheme: {permuted.scheme})", sha256_of_arrays(permuted.labels)),
        "kept": _aspect(kept),
        **_environment(),
    }
    as_read: Identity = json.loads(json.dumps(found))
    return as_read


def digest_of(identity: Identity) -> str:
    """One digest of the whole identity, by which a part of the results says what it belongs to."""
    return sha256_of_json(identity)


def differences(then: Identity, now: Identity) -> list[str]:
    """What differs, in words: `learning_rate 0.003 -> 0.01`, or `data (other values)` where the words are the same."""
    found: dict[str, str] = {}  # by name: what two aspects hold is told once
    for aspect, ours in now.items():
        theirs = then.get(aspect)
        if theirs == ours:
            continue
        were, are = None if theirs is None else theirs.get("is"), ours["is"]
        if isinstance(are, dict) and isinstance(were, dict):
            names = [name for name in are | were if were.get(name) != are.get(name)]
            found |= {name: f"{name} {_words(were.get(name))} -> {_words(are.get(name))}" for name in names} | found
            found |= {} if names else {aspect: f"{aspect} (in another order)"}
        else:
            found[aspect] = f"{aspect} {_words(were)} -> {_words(are)}" if were != are else f"{aspect} (other values)"
    return list(found.values())


def _aspect(words: JsonValue, sha256: str | None = None) -> Aspect:
    return {"is": words} if sha256 is None else {"is": words, "sha256": sha256}


def _arrays(dataset: Dataset) -> tuple[Array, ...]:
    crops = () if dataset.crops is None else (dataset.crops,)
    return dataset.x, dataset.valid, dataset.y, dataset.participant, dataset.stimulus, dataset.status, *crops


def _environment() -> Identity:
    found = numerical_environment()
    found["software"]["lstm"] = lstm_kernel.kind()
    return {name: _aspect(dict(found[name])) for name in ENVIRONMENT}


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return "none" if value is None else str(value)
