"""Numbers as tables of the terminal show them; a dash where there is none."""

import math

DASH = "-"
Number = float | None


def known(value: Number) -> bool:
    """Whether there is a number."""
    return value is not None and math.isfinite(value)


def number(value: Number, form: str) -> str:
    """A number by a format specification.

    Example:
        >>> number(0.25, ".1f"), number(float("nan"), ".1f")
        ('0.2', '-')
    """
    return f"{value:{form}}" if value is not None and math.isfinite(value) else DASH


def percent(proportion: Number, digits: int = 1) -> str:
    """A proportion in percent.

    Example:
        >>> percent(0.625), percent(0.625, 0), percent(None)
        ('62.5%', '62%', '-')
    """
    return number(proportion, f".{digits}%")


def span(low: Number, high: Number, form: str) -> str:
    """From a number to another.

    Example:
        >>> span(0.5, 0.75, ".0%"), span(None, None, ".0%")
        ('50% to 75%', '-')
    """
    return f"{number(low, form)} to {number(high, form)}" if known(low) and known(high) else DASH


def points(difference: Number) -> str:
    """A difference of proportions in percentage points, with its sign.

    Example:
        >>> points(0.125), points(-0.004)
        ('+12', '0')
    """
    if difference is None or not math.isfinite(difference):
        return DASH
    rounded = round(100 * difference)
    return f"{rounded:+d}" if rounded else "0"


def points_span(low: Number, high: Number) -> str:
    """From a difference to another, in percentage points."""
    return f"{points(low)} to {points(high)}" if known(low) and known(high) else DASH


def count(number_: int, what: str, several: str = "") -> str:
    """How many of what.

    Example:
        >>> count(1, "recipe"), count(2, "stimulus", "stimuli")
        ('1 recipe', '2 stimuli')
    """
    return f"{number_} {what if number_ == 1 else several or what + 's'}"
