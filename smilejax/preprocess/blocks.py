"""How steps run over many trials: all steps of a program in their order, on blocks of trials that lie next to each other."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from smilejax.preprocess.program import Program, TracedNumbers
from smilejax.preprocess.signal.trace import Trace
from smilejax.preprocess.state import State

BLOCK, LONG_BLOCK, LONG_SAMPLES = 256, 32, 2400
"""Trials that a CPU works on at a time: enough lanes to fill its vectors, few enough for its cache; fewer where a trial has
more samples than `LONG_SAMPLES`. The width depends on nothing else: XLA compiles narrow and wide blocks differently, and a
trial is to give the same bits among 3 or 30,000."""

Watch = Callable[[str, Trace], None]
"""Called with the name of a step and what it made."""
Given = TypeVar("Given", bound=tuple[np.ndarray, ...])
Made = TypeVar("Made")


def run_steps(program: Program, numbers: TracedNumbers, state: State, watch: Watch = lambda step, trace: None) -> State:
    """Every step of a program on one trial or on B next to each other, in order. Pure; for `jit` the program is static."""
    for step in program.table:
        if step.name in program.steps:
            state = step.run(state, numbers.get(step.name, {}), program)
            if step.takes_away:
                state = replace(state, marked=state.trace)
            if step.shown:
                watch(step.name, state.trace)
    return state


def block_width(samples: int, n: int) -> int:
    """Trials of a block, of N trials with so many samples each."""
    if jax.default_backend() != "cpu":
        # Nothing is gained by blocks where thousands of lanes run at once.
        return max(BLOCK, 1 << (n - 1).bit_length())
    return BLOCK if samples <= LONG_SAMPLES else LONG_BLOCK


def filled_up(given: Given, empty: tuple[np.ndarray, ...], surplus: int) -> Given:
    """Arrays over N trials, with so many empty ones behind.

    Arguments:
        empty: what an empty trial consists of, a number for each array.
    """
    if not surplus:
        return given
    pad = [np.full((surplus, *a.shape[1:]), value, a.dtype) for a, value in zip(given, empty, strict=True)]
    return type(given)(*(np.concatenate(parts) for parts in zip(given, pad, strict=True)))


def first_of(made: Made, n: int) -> Made:
    """What was made of the first N trials. On a CPU it is cut on the host, since XLA would compile a program for each shape."""
    if jax.default_backend() != "cpu":
        return jax.tree.map(lambda leaf: leaf[:n], made)
    leaves, tree = jax.tree.flatten(made)
    cut: Made = jax.tree.unflatten(tree, jax.device_put([np.asarray(leaf)[:n] for leaf in leaves]))
    return cut


def over_blocks(many: Callable[[Given], Made], given: Given, block: int) -> Made:
    """What a function of trials gives for N of them, block by block. It gets trials first, and gives them behind."""

    def one(part: Given) -> Made:
        return jax.tree.map(lambda a: jnp.moveaxis(a, -1, 0), many(part))

    blocks = jax.tree.map(lambda a: a.reshape(-1, block, *a.shape[1:]), given)
    return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), jax.lax.map(one, blocks))
