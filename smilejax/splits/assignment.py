"""Units of trials that stay together: assigned to blocks, or drawn to be held out. All draws of splits are made here."""

import zlib
from dataclasses import dataclass
from typing import Literal

import jax
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Int

from smilejax._util.errors import DataError
from smilejax._util.keys import check_key
from smilejax.settings.checks import require
from smilejax.splits.study_design import AXES, PLURAL, Axis, Design, canonical

Unit = Literal["participant", "stimulus", "smiler", "trial"]
TRIES = 100
"""Draws after which `hold_out_units` gives up. Where one draw in ten serves, all hundred fail once in 40,000 times."""
PREFIX = {"participant": "P", "stimulus": "S", "smiler": "smiler "}


@dataclass(frozen=True, eq=False)
class SplitUnits:
    """U units of trials.

    Arguments:
        of: `i64[N]`, the unit of each trial, -1 for trials that belong to none.
        names: U names.
        counts: `i64[U, 2]`, trials of each class.
    """

    of: Int[np.ndarray, " N"]
    names: tuple[str, ...]
    counts: Int[np.ndarray, "U 2"]

    def __len__(self) -> int:
        return len(self.names)


def generator(key: Array | None, purpose: str, *path: int) -> np.random.Generator:
    """NumPy's generator for one purpose and position, seeded by a typed key: nothing is compiled for a draw on the host.

    Draws for different purposes are independent, even from the same key.

    Raises:
        SettingsError: `key` is not one typed key.
    """
    check_key(key)
    assert key is not None
    words = [int(word) for word in np.asarray(jax.random.key_data(key)).ravel()]
    return np.random.default_rng(np.random.SeedSequence(words, spawn_key=(zlib.crc32(purpose.encode()), *path)))


def units_of(design: Design, kind: Unit, pool: Bool[np.ndarray, " N"] | None = None) -> SplitUnits:
    """The units to which the trials of a pool belong, in the order of their codes.

    Arguments:
        kind: what forms a unit; with "trial" each trial is one.
        pool: `bool[N]`, a subset of the scorable trials; None takes all.

    Raises:
        DataError: the axis was not recorded.
    """
    pool = design.scorable if pool is None else pool
    of = np.full(len(pool), -1)
    if kind == "trial":
        rows = canonical(design, pool)
        of[rows] = np.arange(len(rows))
        names = tuple(f"trial in row {row}" for row in rows)
    else:
        require_recorded(design, kind)
        codes, of[pool] = np.unique(design.codes(kind)[pool], return_inverse=True)
        names = tuple(f"{PREFIX[kind]}{code:02d}" for code in codes)
    counts = np.bincount(2 * of[pool] + design.y[pool], minlength=2 * len(names)).reshape(-1, 2)
    return SplitUnits(of, names, counts)


def require_recorded(design: Design, axis: Axis) -> None:
    """Raise `DataError` where some trial that can be scored has no code on the axis."""
    if not design.recorded(axis):
        missing = int((design.codes(axis)[design.scorable] < 0).sum())
        raise DataError(
            f"splitting by {axis} needs the {axis} of every trial; {missing} of {int(design.scorable.sum())} have none.",
            hint=f"Give the column with the {axis}.",
        )


def require_several(units: SplitUnits, kind: Unit) -> None:
    """Raise `DataError` for fewer than two units."""
    if len(units) < 2:
        raise DataError(
            f"splitting by {kind} needs at least two {PLURAL[kind]} with a trial to score; there {_are(len(units))}.",
            hint="Record more, or split by something else.",
        )


def _are(n: int) -> str:
    return f"{'is' if n == 1 else 'are'} {n}"


def require_whole(name: str, value: object, low: int, high: int | None = None, hint: str = "") -> None:
    """Raise `SettingsError` unless a value is a whole number from `low` (to `high`)."""
    ok = isinstance(value, int) and not isinstance(value, bool) and value >= low and (high is None or value <= high)
    require(ok, name, f"a whole number from {low} {'up' if high is None else f'to {high}'}", value, hint)


def require_proportion(proportion: object) -> None:
    """Raise `SettingsError` unless a proportion lies above 0 and below 1."""
    ok = isinstance(proportion, float) and 0 < proportion < 1
    require(ok, "proportion", "above 0 and below 1", proportion)


def assign_units_to_blocks(
    units: SplitUnits, axis: Axis, blocks: int, *, stratified: bool | Axis, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Assign the units of an axis to blocks, as `assign_to_blocks`.

    Arguments:
        stratified: True balances the numbers of trials of each class. The name of this axis balances the numbers of units
            instead, each unit counted once for each class it has. Where each unit has one class, the blocks then depend on
            the labels only through the number of units of each class in a block, so that under labels exchanged within
            blocks the same blocks are equally likely. The name of another axis, or False, balances nothing.

    Returns:
        `i64[U]`, the block of each unit, from 0.

    Raises:
        SettingsError: `stratified` has another value.
    """
    require(stratified in (True, False, *AXES), "stratified", f"True, False or one of {', '.join(AXES)}", stratified)
    counts = np.minimum(units.counts, 1) if stratified == axis else units.counts
    return assign_to_blocks(counts, blocks, stratified=stratified in (True, axis), rng=rng)


def assign_to_blocks(
    counts: Int[np.ndarray, "U 2"], blocks: int, *, stratified: bool, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Assign U units to blocks at random, none of them empty.

    Not stratified, the numbers of units differ by at most one between blocks. Stratified, units are taken in random order,
    and each is assigned to the block where it adds least to `sum over classes of (block's trials / all trials)**2`, among
    equal blocks to the one with fewest units. A unit with one class is then assigned to a block without that class as long
    as there is one, so that blocks contain both classes where possible. The order is random rather than by size, because
    sorted units would be assigned to the same blocks in every repeat.

    Arguments:
        counts: `i64[U, 2]`, trials of each class.
        blocks: 1 to U.

    Returns:
        `i64[U]`, the block of each unit, from 0.
    """
    order = rng.permutation(len(counts))
    block = np.empty(len(counts), np.int64)
    if not stratified:
        block[order] = np.arange(len(counts)) % blocks
        return block
    # In whole numbers, multiplied by the squares of both totals, so that equal costs compare equal to the last bit.
    weighted = counts * np.square(np.maximum(counts.sum(0), 1))[::-1]
    load, held, tie = np.zeros((blocks, 2), np.int64), np.zeros(blocks, np.int64), rng.permutation(blocks)
    for unit in order:
        best = np.lexsort((tie, held, load @ weighted[unit]))[0]
        block[unit] = best
        load[best] += counts[unit]
        held[best] += 1
    return block


def pick_units(
    counts: Int[np.ndarray, "U 2"], proportion: float, *, stratified: bool, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Draw a proportion of U units at random: rounded, at least one, and at least one is left.

    Stratified, units with the first class only, the second only, and both are drawn in proportion to their numbers, to
    within one (largest remainders; ties at random).

    Returns:
        `bool[U]`.
    """
    total = len(counts)
    n = min(max(1, round(proportion * total)), total - 1)
    order = rng.permutation(total)
    picked = np.zeros(total, bool)
    if not stratified:
        picked[order[:n]] = True
        return picked
    kind = np.where(counts[:, 0] == 0, 1, np.where(counts[:, 1] == 0, 0, 2))
    sizes = np.bincount(kind, minlength=3)
    quota, remainder = np.divmod(n * sizes, total)
    quota[np.lexsort((rng.random(3), -remainder))[: n - quota.sum()]] += 1
    for k in range(3):
        picked[order[kind[order] == k][: quota[k]]] = True
    return picked


def hold_out_units(
    design: Design,
    pool: Bool[np.ndarray, " N"],
    kinds: tuple[Unit, ...],
    proportion: float,
    *,
    stratified: bool,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None:
    """Divide a pool of trials into those held out and those left, with no unit in common on any axis.

    Trials whose units are drawn on every axis are held out, those whose units are drawn on no axis are left; with two axes,
    the other trials are in neither. A draw that holds nothing out, or leaves one class only, is repeated.

    Returns:
        Two masks `bool[N]`, or None where there are too few units or `TRIES` draws have failed.
    """
    axes = [units_of(design, kind, pool) for kind in kinds]
    if any(len(units) < 2 for units in axes):
        return None
    for _ in range(TRIES):
        held, left = pool.copy(), pool.copy()
        for units in axes:
            picked = pick_units(units.counts, proportion, stratified=stratified, rng=rng)[units.of] & pool
            held &= picked
            left &= ~picked
        if held.any() and len(np.unique(design.y[left])) == 2:
            return held, left
    return None
