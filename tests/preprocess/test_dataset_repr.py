"""A dataset prints itself in a line, and as a small table in a notebook."""

import jax

from smilejax import SimulationSettings, prepare, simulate_study
from smilejax.preprocess.recipe import Recipe


def test_repr_is_one_line_and_html_a_table() -> None:
    study = simulate_study(SimulationSettings(participants=2, smilers=2, duration_ms=1500), key=jax.random.key(0))
    dataset = prepare(study.trials, Recipe.minimal())
    assert repr(dataset) == (
        "Dataset(8 trials, 8 kept; 2 participants, 4 stimuli, 2 smilers; 4 posed, 4 genuine; 15 steps at 10 Hz (1.5 s); "
        "1 channel: fused)"
    )
    assert dataset._repr_html_().count("<tr>") == 5
    # Inside jit the leaves are tracers, and have no values to count.
    assert jax.jit(lambda data: data.x.sum() if repr(data) else data.x)(dataset).shape == ()
