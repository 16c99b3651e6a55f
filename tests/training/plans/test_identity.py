"""What a plan's results are of, and what differs where it is not the same, in words."""

import json
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.small_study import SMALL, make_dataset

from smilejax._util import numerical_environment, processor
from smilejax.models.native import lstm_kernel
from smilejax.preprocess.channels import CHANNELS
from smilejax.splits import by_participant
from smilejax.splits.permutations import permute_labels
from smilejax.training.plans import Plan
from smilejax.training.plans.identity import differences, digest_of, identity_of


def _of(dataset, plan: Plan, kept: str = "curves of 2 epochs"):
    return identity_of(dataset, plan, kept=kept)


def test_the_same_plan_is_the_same_and_survives_json(dataset, folds) -> None:
    mine = _of(dataset, Plan(folds, SMALL, seeds=(0, 1)))
    again = _of(make_dataset(), Plan(folds, SMALL, seeds=(0, 1)))
    assert differences(mine, again) == []
    assert differences(json.loads(json.dumps(mine)), again) == []
    assert digest_of(json.loads(json.dumps(mine))) == digest_of(again)


def test_each_difference_is_named_alone_and_in_words(dataset, folds) -> None:
    plan = Plan(folds, SMALL, seeds=(0, 1))
    mine = _of(dataset, plan)
    two_channels = replace(dataset, x=jnp.repeat(dataset.x, 2, axis=2), channels=(CHANNELS["fused"], CHANNELS["mask"]))
    two_folds = by_participant(dataset, folds=2, key=jax.random.key(0))
    deeper = replace(SMALL, class_weights=(1.0, 2.0), model=replace(SMALL.model, dense=(7, 4)))
    changes = {
        "data (other values)": _of(make_dataset(seed=1), plan),
        "data 24 trials of 9 steps, channels fused -> 24 trials of 9 steps, channels fused, mask": _of(
            two_channels, plan
        ),
        "seeds 2 (0 to 1) -> 2 (0 to 2)": _of(dataset, replace(plan, seeds=(0, 2))),
        "seeds (other values)": _of(dataset, replace(plan, seeds=(1, 0))),
        "learning_rate 0.003 -> 0.5": _of(dataset, replace(plan, vary={"learning_rate": (0.5,)})),
        "dropout 0.5 -> 0.1, 0.2": _of(dataset, replace(plan, vary={"dropout": (0.1, 0.2)})),
        "folds 4 by participant -> 2 by participant": _of(dataset, replace(plan, folds=two_folds)),
        "permutations none -> 1 (scheme: within smiler pairs)": _of(
            dataset, replace(plan, permuted=permute_labels(dataset, 1, key=jax.random.key(0)))
        ),
        "kept curves of 2 epochs -> scores of the last epoch": _of(dataset, plan, kept="scores of the last epoch"),
    }
    assert differences(mine, _of(dataset, replace(plan, settings=deeper))) == [
        "class_weights none -> 1.0, 2.0",
        "dense 6, 4 -> 7, 4",
    ]
    for words, other in changes.items():
        assert differences(mine, other) == [words]
        assert digest_of(other) != digest_of(mine)
    rates = [_of(dataset, replace(plan, vary={"learning_rate": given})) for given in ((0.1, 0.2), (0.2, 0.1))]
    assert differences(*rates) == ["learning_rate 0.1, 0.2 -> 0.2, 0.1"]


def test_channels_of_other_names_are_other_data(dataset, folds) -> None:
    """A channel called mask is not standardised: the same numbers give other runs."""
    plan = Plan(folds, SMALL)
    masks = replace(dataset, channels=(CHANNELS["mask"],))
    assert differences(_of(dataset, plan), _of(masks, plan)) == [
        "data 24 trials of 9 steps, channels fused -> 24 trials of 9 steps, channels mask"
    ]


def test_versions_and_the_kernel_count(dataset, folds, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(folds, SMALL)
    mine = _of(dataset, plan)
    monkeypatch.setattr(numerical_environment, "__version__", "99.0")
    then = mine["software"]["is"]["smilejax"]
    assert differences(mine, _of(dataset, plan)) == [f"smilejax {then} -> 99.0"]
    monkeypatch.undo()
    if lstm_kernel.usable():
        monkeypatch.setenv("SMILEJAX_NATIVE", "0")
        lanes = int(np.asarray(lstm_kernel._lstm.lanes))
        assert differences(mine, _of(dataset, plan)) == [f"lstm kernel of {lanes} lanes -> scan"]


def test_libraries_variables_and_the_processor_count(dataset, folds, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(folds, SMALL)
    monkeypatch.delenv("XLA_FLAGS")
    mine = _of(dataset, plan)

    def differing() -> list[str]:
        return differences(mine, _of(dataset, plan))

    with monkeypatch.context() as patched:
        patched.setenv("XLA_FLAGS", "--xla_dump_to=x --xla_force_host_platform_device_count=2")
        assert differing() == []
        patched.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true --xla_backend_optimization_level=0")
        assert differing() == ["XLA_FLAGS none -> --xla_backend_optimization_level=0 --xla_cpu_enable_fast_math=true"]
    with monkeypatch.context() as patched:
        patched.setattr(processor, "of_first_core", lambda: {"vendor_id": "Other", "flags": "avx2 fma"})
        (words,) = differing()
        assert words.startswith("processor ")
        assert words.endswith(" Other, avx2 fma")
    version = numerical_environment.metadata.version
    for library in ("numpy", "scipy", "jaxlib"):
        with monkeypatch.context() as patched:
            patched.setattr(
                numerical_environment.metadata,
                "version",
                lambda name, it=library: "99" if name == it else version(name),
            )
            assert differing() == [f"{library} {version(library)} -> 99"]


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("jax_enable_x64", True, "jax_enable_x64 False -> True"),
        ("jax_threefry_partitionable", False, "jax_threefry_partitionable True -> False"),
        ("jax_default_prng_impl", "rbg", "jax_default_prng_impl threefry2x32 -> rbg"),
        ("jax_default_matmul_precision", "highest", "jax_default_matmul_precision none -> highest"),
    ],
)
def test_flags_of_jax_that_change_numbers_count(dataset, folds, flag: str, value: object, words: str) -> None:
    plan = Plan(folds, SMALL)
    mine, before = _of(dataset, plan), getattr(jax.config, flag)
    jax.config.update(flag, value)
    try:
        assert differences(mine, _of(dataset, plan)) == [words]
    finally:
        jax.config.update(flag, before)


def test_a_record_that_lacks_something_differs(dataset, folds) -> None:
    mine = _of(dataset, Plan(folds, SMALL))
    assert differences({**mine, "seeds": {}}, mine) == ["seeds none -> 1 (0 to 0)"]
    assert differences({name: aspect for name, aspect in mine.items() if name != "folds"}, mine) == [
        "folds none -> 4 by participant"
    ]


def test_what_two_aspects_hold_is_told_once() -> None:
    then = {"seeds": {"is": "10 (0 to 9)", "sha256": "a"}, "study": {"is": {"seeds": 10, "draws": 5}}}
    now = {"seeds": {"is": "5 (0 to 4)", "sha256": "b"}, "study": {"is": {"seeds": 5, "draws": 6}}}
    assert differences(then, now) == ["seeds 10 (0 to 9) -> 5 (0 to 4)", "draws 5 -> 6"]
