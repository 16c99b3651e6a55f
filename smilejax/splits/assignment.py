"""SplitUnits are trials that stay together: dealt into blocks, or picked to be held out. All draws of splits are made here."""

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
"""Draws after which `hold_out_units` gives up. Where one draw in ten would do, a hundred fail once in 40000 times."""
PREFIX = {"participant": "P", "stimulus": "S", "smiler": "smiler "}


@dataclass(frozen=True, eq=False)
class SplitUnits:
    """U units of trials.

    Arguments:
        of: `i64[N]`, the unit of each trial, -1 for trials in none.
        names: U names.
        counts: `i64[U, 2]`, trials of either class.
    """

    of: Int[np.ndarray, " N"]
    names: tuple[str, ...]
    counts: Int[np.ndarray, "U 2"]

    def __len__(self) -> int:
        return len(self.names)


def generator(key: Array | None, purpose: str, *path: int) -> np.random.Generator:
    """NumPy's generator for one purpose and place, settled by a typed key: nothing is compiled for a draw on the host.

    Draws for different purposes do not depend on each other, even from the same key.

    Raises:
        SettingsError: the key is none.
    """
    check_key(key)
    assert key is not None
    words = [int(word) for word in np.asarray(jax.random.key_data(key)).ravel()]
    return np.random.default_rng(np.random.SeedSequence(words, spawn_key=(zlib.crc32(purpose.encode()), *path)))


def units_of(design: Design, kind: Unit, pool: Bool[np.ndarray, " N"] | None = None) -> SplitUnits:
    """The units that the trials of a pool belong to, in the order of their codes.

    Arguments:
        kind: what makes a unit; "trial" makes each trial its own.
        pool: `bool[N]`, a part of the scorable trials; None takes all.

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
            f"splitting by {axis} needs the {axis} of every trial; {missing} of {int(design.scorable.sum())} have none. "
            f"Give the {axis} column, or split by something that was recorded."
        )


def require_several(units: SplitUnits, kind: Unit) -> None:
    """Raise `DataError` for fewer than two units."""
    if len(units) < 2:
        raise DataError(
            f"splitting by {kind} needs at least two {PLURAL[kind]} with a trial to score; there {_are(len(units))}. "
            "Record more, or split by something else."
        )


def _are(n: int) -> str:
    return f"{'is' if n == 1 else 'are'} {n}"


def require_whole(name: str, value: object, low: int, high: int | None = None, hint: str = "") -> None:
    """Raise `SettingsError` unless a value is a whole number from `low` (to `high`)."""
    ok = isinstance(value, int) and not isinstance(value, bool) and value >= low and (high is None or value <= high)
    require(ok, name, f"a whole number from {low} {'up' if high is None else f'to {high}'}", value, hint)


def require_share(share: object) -> None:
    """Raise `SettingsError` unless a share lies above 0 and below 1."""
    ok = isinstance(share, float) and 0 < share < 1
    require(ok, "share", "above 0 and below 1", share)


def assign_units_to_blocks(
    units: SplitUnits, axis: Axis, blocks: int, *, stratified: bool | Axis, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Deal the units of an axis into blocks, as `assign_to_blocks`.

    Arguments:
        stratified: True balances trials of either class. The name of this axis balances units instead, each counted once
            for each class it has. Where each unit has one class, the blocks then depend on labels only by how many units of
            either class a block holds, so that to exchange labels within blocks gives labellings that the same blocks
            would have been as likely for. The name of another axis, or False, balances nothing.

    Returns:
        `i64[U]`, the block of each unit, from 0.

    Raises:
        SettingsError: `stratified` is none of these.
    """
    require(stratified in (True, False, *AXES), "stratified", f"True, False or one of {', '.join(AXES)}", stratified)
    counts = np.minimum(units.counts, 1) if stratified == axis else units.counts
    return assign_to_blocks(counts, blocks, stratified=stratified in (True, axis), rng=rng)


def assign_to_blocks(
    counts: Int[np.ndarray, "U 2"], blocks: int, *, stratified: bool, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Deal U units into blocks at random, none of them empty.

    Unstratified, blocks hold equally many units, give or take one. Stratified, each unit in random order goes where it
    adds least to `sum over classes of (block's trials / all trials)**2`, and among equals to the block with fewest units.
    A unit with one class alone then goes to a block without that class while there is one: blocks hold both where they
    can. The order is random and not by size, since sorted units would be dealt alike in every repeat.

    Arguments:
        counts: `i64[U, 2]`, trials of either class.
        blocks: 1 to U.

    Returns:
        `i64[U]`, the block of each unit, from 0.
    """
    order = rng.permutation(len(counts))
    block = np.empty(len(counts), np.int64)
    if not stratified:
        block[order] = np.arange(len(counts)) % blocks
        return block
    # In whole numbers, times the squares of both totals: equal costs are to be equal, to the last bit.
    weighted = counts * np.square(np.maximum(counts.sum(0), 1))[::-1]
    load, held, tie = np.zeros((blocks, 2), np.int64), np.zeros(blocks, np.int64), rng.permutation(blocks)
    for unit in order:
        best = np.lexsort((tie, held, load @ weighted[unit]))[0]
        block[unit] = best
        load[best] += counts[unit]
        held[best] += 1
    return block


def pick_units(
    counts: Int[np.ndarray, "U 2"], share: float, *, stratified: bool, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Pick a share of U units at random: rounded, at least one, and one is left.

    Stratified, units with the first class alone, the second alone, and both are picked in their proportions, give or take
    one (largest remainders; equal ones at random).

    Returns:
        `bool[U]`.
    """
    total = len(counts)
    n = min(max(1, round(share * total)), total - 1)
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
    share: float,
    *,
    stratified: bool,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None:
    """Cut a pool of trials into those held out and those left, with nothing in common on any of the axes.

    Held out are trials whose units are picked on every axis, left those whose units are picked on none; with two axes,
    the others are in neither. Draws that hold nothing out, or leave one class only, are drawn again.

    Returns:
        Two masks `bool[N]`, or None where there are too few units or no such draw in `TRIES`.
    """
    axes = [units_of(design, kind, pool) for kind in kinds]
    if any(len(units) < 2 for units in axes):
        return None
    for _ in range(TRIES):
        held, left = pool.copy(), pool.copy()
        for units in axes:
            picked = pick_units(units.counts, share, stratified=stratified, rng=rng)[units.of] & pool
            held &= picked
            left &= ~picked
        if held.any() and len(np.unique(design.y[left])) == 2:
            return held, left
    return None
