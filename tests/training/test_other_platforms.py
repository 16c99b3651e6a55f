"""Cleaning, training, prediction and tracking are lowered for accelerators that are not here: nothing is the CPU's alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.small_pictures import PICTURES, picture_dataset
from helpers.small_study import SMALL

import smilejax
from smilejax.faces import face_landmarker
from smilejax.faces.find_faces import as_choice
from smilejax.faces.square import in_buffer
from smilejax.faces.track import start_state, track_frame
from smilejax.models import network
from smilejax.models.native import lstm_kernel
from smilejax.models.network_input import network_data
from smilejax.preprocess import pipeline
from smilejax.training import make_run, programs

PLATFORMS = ("cuda", "tpu")


@pytest.fixture
def without_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the default backend is an accelerator."""
    monkeypatch.setenv("SMILEJAX_NATIVE", "0")


@pytest.fixture(scope="module")
def study() -> tuple[smilejax.Trials, smilejax.Dataset]:
    small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=3000)
    trials = smilejax.simulate_study(small, key=jax.random.key(0)).trials
    return trials, smilejax.prepare(trials, smilejax.Recipe())


def lowered(function: Callable[..., Any], *given: Any, **static: Any) -> str:
    """The program for both platforms, as text."""
    found = jax.export.export(function, platforms=PLATFORMS)(*given, **static)
    assert found.platforms == PLATFORMS
    return str(found.mlir_module())


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("width", [1, 4])
def test_epochs_of_training(without_kernel: None, study: Any, width: int, optimizer: str) -> None:
    settings = smilejax.TrainingSettings(model=SMALL.model, minibatch_size=4, optimizer=optimizer)
    assert "stablehlo.while" in lowered_epochs(study[1], settings, width)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "width"), [("cnn", 4), *(pytest.param("convlstm", width, marks=pytest.mark.weekly) for width in (1, 4))]
)
def test_epochs_of_networks_of_crops(without_kernel: None, width: int, network: str) -> None:
    settings = replace(PICTURES, model=replace(PICTURES.model, network=network))
    text = lowered_epochs(picture_dataset(), settings, width)
    assert "stablehlo.while" in text
    assert "stablehlo.convolution" not in text  # over runs they would be grouped ones


def lowered_epochs(dataset: smilejax.Dataset, settings: smilejax.TrainingSettings, width: int) -> str:
    made = programs.Programs(dataset, settings, width=width)
    x, valid, _ = network_data(dataset, settings.model)
    run = make_run(dataset, settings, key=jax.random.key(0))
    runs = jax.tree.map(lambda leaf: jnp.stack([leaf] * width), run)
    begun = programs._begin(x, valid, runs, None, shape=made.shape)
    # As leaves and key data: keys, and dataclasses that check what they hold, cannot be described to `export`.
    (key, *leaves), tree = jax.tree.flatten((runs, begun))

    @jax.jit
    def epochs(x: Any, valid: Any, key_data: Any, *leaves: Any) -> Any:
        runs, state = jax.tree.unflatten(tree, (jax.random.wrap_key_data(key_data), *leaves))
        state, logits, status, _ = programs._epochs(x, valid, runs, state, jnp.int32(2), shape=made.shape)
        return jax.tree.leaves(state.params), logits, status

    return lowered(epochs, x, valid, jax.random.key_data(key), *leaves)


def test_prediction(without_kernel: None, study: Any) -> None:
    dataset = study[1]
    _, samples, channels = dataset.x.shape
    variables = network.init(SMALL.model, samples=samples, channels=channels, key=jax.random.key(0))
    assert "stablehlo.while" in lowered(
        network.logits_program, variables, dataset.x, dataset.valid, settings=SMALL.model
    )


def test_cleaning(study: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []

    def seen(*given: Any, **static: Any) -> Any:
        texts.append(lowered(run_blocks, *given, **static))
        return run_blocks(*given, **static)

    run_blocks = pipeline._run_blocks
    monkeypatch.setattr(pipeline, "_run_blocks", seen)
    smilejax.prepare(study[0], smilejax.Recipe())
    assert len(texts) == 1


@pytest.mark.skipif(not lstm_kernel.usable(), reason="the native kernel was not built here")
def test_what_is_the_cpus_alone_is_refused(study: Any) -> None:
    """The kernel: so a call of it left in a program would be seen."""
    dataset = study[1]
    _, samples, channels = dataset.x.shape
    variables = network.init(SMALL.model, samples=samples, channels=channels, key=jax.random.key(0))
    network.logits_program.clear_cache()
    with pytest.raises(Exception, match=r"custom call|ffi|FFI|platform"):
        lowered(network.logits_program, variables, dataset.x, dataset.valid, settings=SMALL.model)


def test_the_face_tracker() -> None:
    given = (face_landmarker(), in_buffer(np.zeros((48, 64, 3), np.uint8)), as_choice("largest"), start_state())
    leaves, tree = jax.tree.flatten(given)

    @jax.jit
    def one_frame(*leaves: Any) -> Any:
        return jax.tree.leaves(track_frame(*jax.tree.unflatten(tree, leaves)))

    assert "stablehlo.while" in lowered(one_frame, *leaves)
