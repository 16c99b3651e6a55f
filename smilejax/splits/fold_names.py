"""Folds with the names that a recording has for participants and stimuli; a `Dataset` contains their codes only."""

import re
from collections.abc import Sequence
from dataclasses import replace

from smilejax._util.errors import SettingsError
from smilejax.splits.assignment import PREFIX
from smilejax.splits.folds import Folds
from smilejax.splits.study_design import AXES, PLURAL, Axis

CODE = re.compile(rf"\b({'|'.join(PREFIX.values())})(\d\d+)\b")
"""As `units_of` writes a code: P03, S07, smiler 02."""


def named(
    folds: Folds,
    *,
    participant: Sequence[str] | None = None,
    stimulus: Sequence[str] | None = None,
    smiler: Sequence[str] | None = None,
) -> Folds:
    """The same folds with names in place of codes: "P03 x S07" becomes "anna x clip 7". Numbered folds and blocks stay.

    Arguments:
        participant, stimulus, smiler: N names, as the recording has them; None leaves the codes.

    Raises:
        SettingsError: not one name for each trial, or names of other trials than those of the folds.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> named(smilejax.by_participant(dataset), participant=["anna"] * 4 + ["bert"] * 4).names
        ('anna', 'bert')
    """
    given: dict[Axis, Sequence[str] | None] = {"participant": participant, "stimulus": stimulus, "smiler": smiler}
    of_code: dict[str, tuple[Axis, list[str]]] = {}
    for axis in AXES:
        names = given[axis]
        if names is None:
            continue
        if len(names) != folds.train.shape[1]:
            raise SettingsError(
                f"{axis} must have a name for each of the {folds.train.shape[1]} trials; it has {len(names)}."
            )
        of_code[PREFIX[axis]] = axis, list(dict.fromkeys(names))  # codes are in the order of first appearance

    def name(found: re.Match[str]) -> str:
        if found[1] not in of_code:
            return found[0]
        axis, names = of_code[found[1]]
        if int(found[2]) >= len(names):
            raise SettingsError(
                f"{axis} must name as many {PLURAL[axis]} as folds do; there are {len(names)} names, and no name for "
                f"{found[0]}. Give those of the trials that the dataset was made of."
            )
        return names[int(found[2])]

    changed = tuple(CODE.sub(name, old) for old in folds.names)
    # Two pairs of unusual names can look the same, "a" x "b x c" and "a x b" x "c"; names of folds in a table must differ.
    return replace(folds, names=changed) if len(set(changed)) == len(set(folds.names)) else folds
