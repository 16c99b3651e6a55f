"""What a value of a setting may be: the rules that the dataclasses share, and the one rule of rounding time to samples."""

import math
from os import PathLike

from smilejax._util.errors import SETTING, SettingsError

MAX_SEED = 2**32 - 1
"""JAX keys take a seed modulo 2**32, so that 2**32 would silently repeat 0; larger seeds are refused."""


def require(ok: bool, name: str, rule: str, value: object, hint: str = "") -> None:
    """Raise `SettingsError` unless `ok`.

    Arguments:
        name: the setting, as Python spells it.
        rule: what it must be, to be read after "must be". Other settings are marked: `{SETTING.range_mm}`.
        value: what arrived.
        hint: a likely correction, as a sentence; other settings are marked likewise.
    """
    if not ok:
        raise SettingsError(setting=name, rule=rule, value=value, hint=hint or None)


def is_number(value: object) -> bool:
    """Whether a value is a finite number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def require_number(
    settings: object,
    name: str,
    low: int | float,
    high: int | float = math.inf,
    *,
    open_low: bool = False,
    optional: bool = False,
) -> None:
    """Check that field `name` is a number in [low, high], or (low, high] with `open_low`, and hold it as a float."""
    value = getattr(settings, name)
    if value is None and optional:
        return
    ok = is_number(value) and (value > low if open_low else value >= low) and value <= high
    edge = f"above {low:g}" if open_low else f"at least {low:g}"
    top = "" if high == math.inf else f" and at most {high:g}"
    require(ok, name, f"a number {edge}{top}{f' or {SETTING.none}' if optional else ''}", value)
    hold_float(settings, name)


def hold_float(settings: object, name: str) -> None:
    """Hold a whole number as a float: 60 and 60.0 are to be written the same."""
    object.__setattr__(settings, name, float(getattr(settings, name)))


def require_count(settings: object, name: str, low: int) -> None:
    """Check that field `name` is a whole number from `low` up."""
    value = getattr(settings, name)
    require(
        isinstance(value, int) and not isinstance(value, bool) and value >= low,
        name,
        f"a whole number from {low} up",
        value,
    )


def require_choice(settings: object, name: str, choices: tuple[str, ...], *, optional: bool = False) -> None:
    """Check that field `name` is one of the choices, or None where it may be left out."""
    value = getattr(settings, name)
    ok = (isinstance(value, str) and value in choices) or (optional and value is None)
    require(ok, name, f"one of {', '.join(choices)}{f' or {SETTING.none}' if optional else ''}", value)


def require_flag(settings: object, name: str) -> None:
    """Check that field `name` is True or False."""
    value = getattr(settings, name)
    require(isinstance(value, bool), name, "True or False", value)


def require_pair(settings: object, name: str, *, optional: bool = False) -> None:
    """Check that field `name` is two numbers, 0 <= low < high, or None where it may be left out, and hold them as floats."""
    if getattr(settings, name) is None and optional:
        return
    hold_tuple(settings, name)
    pair = getattr(settings, name)
    ok = len(pair) == 2 and all(is_number(end) for end in pair) and 0 <= pair[0] < pair[1]
    require(ok, name, "two numbers, 0 <= low < high", pair)
    hold_floats(settings, name)


def require_holds_sample(name: str, duration_ms: float | None, rate_hz: float, value: object = None) -> None:
    """Check that a length of time, unless it is None, is at least one sample long at a rate.

    Arguments:
        value: the setting's value, where it is not the length itself.
    """
    if duration_ms is not None and duration_ms * rate_hz / 1000 < 1 - 1e-6:
        rule = f"at least one sample long, which at {rate_hz:g} Hz is {1000 / rate_hz:.4g} ms"
        require(False, name, rule, duration_ms if value is None else value, "Raise it.")


def hold_tuple(settings: object, name: str) -> None:
    """Hold a sequence as a tuple: a list would make the settings unhashable."""
    value = getattr(settings, name)
    require(isinstance(value, list | tuple), name, "a tuple", value)
    object.__setattr__(settings, name, tuple(value))


def hold_floats(settings: object, name: str) -> None:
    """Hold a tuple of numbers as floats."""
    object.__setattr__(settings, name, tuple(float(value) for value in getattr(settings, name)))


def samples_in(duration_ms: float, rate_hz: float) -> int:
    """Samples that stand for a stretch of time: its length times the rate, halves rounded up. The one rounding rule."""
    return math.floor(duration_ms * rate_hz / 1000 + 0.5 + 1e-9)


def check_seed(seed: int) -> int:
    """The seed itself, a whole number from 0 to 2**32 - 1: the seeds that give JAX different keys."""
    ok = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= MAX_SEED
    require(ok, "seed", f"a whole number from 0 to {MAX_SEED}", seed)
    return seed


def require_kind(value: object, name: str, kind: type | tuple[type, ...], hint: str = "") -> None:
    """Check that an argument is of a class of this package, or of one of several: a wrong one would fail deep inside, in words
    of no help.

    Raises:
        SettingsError: naming the argument and the class.
    """
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        require(False, name, " or ".join(f"a {one.__name__}" for one in kinds), value, hint)


def require_path(value: object, name: str) -> None:
    """Check that an argument can be a path. Raises `SettingsError`."""
    require(isinstance(value, str | PathLike), name, "a path", value)
