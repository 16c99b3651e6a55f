"""Models with drawn weights, in milliseconds: what they answer depends much on what they are given."""

from functools import partial

import jax
import numpy as np

from smilejax import ModelSettings, Predictor, Recipe, TrainingSettings
from smilejax.models import network

KEY = jax.random.key(0)


def _drawn(rng: np.random.Generator, like: jax.ShapeDtypeStruct) -> np.ndarray:
    return (rng.uniform(-6, 6, like.shape) / max(like.shape[0], 1) ** 0.5).astype(np.float32)


def made_model(
    model: ModelSettings, *, steps: int, members: int | None = 3, channels: tuple[str, ...] = ("fused",), seed: int = 0
) -> Predictor:
    """A predictor of trials of so many steps at 10 Hz, recorded at 60."""
    rng = np.random.default_rng(seed)
    made = []
    for at in range(members or 1):
        wanted = jax.eval_shape(partial(network.init, model, samples=steps, channels=len(channels), key=KEY))
        draw = partial(_drawn, np.random.default_rng(at))
        params = jax.tree.map(draw, wanted["params"])
        scale = {
            "mean": rng.normal(size=len(channels)).astype(np.float32),
            "sd": rng.uniform(0.5, 2, len(channels)).astype(np.float32),
        }
        made.append({"params": params, "standardisation": scale})
    variables = made[0] if members is None else jax.tree.map(lambda *leaves: np.stack(leaves), *made)
    recipe = Recipe(duration_ms=steps * 100.0, resample_hz=10.0, channels=channels, baseline_ms=100.0)
    return Predictor(
        variables,
        recipe,
        TrainingSettings(model=model),
        ("posed", "genuine"),
        "mm",
        60.0,
        members=members,
        temperature=1.7,
    )


def gappy_input(steps: int, channels: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Nine trials: whole, without a valid step, shorter, late, and with gaps; NaN where not valid."""
    rng = np.random.default_rng(seed)
    valid = rng.random((9, steps)) < 0.7
    valid[0], valid[1], valid[2, steps // 2 :], valid[3, : steps // 2] = True, False, False, False
    x = rng.normal(size=(9, steps, channels)).astype(np.float32)
    x[~valid] = np.nan
    return x, valid
