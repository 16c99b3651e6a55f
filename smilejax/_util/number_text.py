"""Numbers as text, in one way for terminal, sentences and page; a dash where there is no number. No JAX in here."""

import math
import re

Value = float | None
"""A number, or None where there is none; one that is not finite counts as none."""
DASH = "-"
MINUS = "\N{MINUS SIGN}"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_HYPHEN_OF_A_NUMBER = re.compile(r"(?<![\w.,)\]-])-(?=\.?\d)")
"""A hyphen that is a minus: it stands before a digit, and nothing that could be a range, a name or an option before it."""
_UNITS = {"au": "arbitrary units", "percent": "% of the baseline", "sd": "standard deviations of the baseline"}
_SHORT_UNITS = {"au": "arbitrary units", "percent": "% of baseline", "sd": "SD of baseline"}


def known(value: Value) -> bool:
    """Whether there is a number."""
    return value is not None and math.isfinite(value)


def number(value: Value, form: str) -> str:
    """A number by a format specification; what rounds to zero has no sign.

    Example:
        >>> number(0.25, ".1f"), number(-0.01, ".1f"), number(float("nan"), ".1f")
        ('0.2', '0.0', '-')
    """
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:{form}}"
    return text if any(digit in text for digit in "123456789") else text.lstrip("+-")


def percent(proportion: Value, digits: int | None = 1) -> str:
    """A proportion in percent, with so many decimals; with None, those that it needs, up to four digits in all.

    Example:
        >>> percent(0.625), percent(0.625, 0), percent(0.625, None), percent(None)
        ('62.5%', '62%', '62.5%', '-')
    """
    if digits is None:
        return f"{number(100 * proportion, '.4g')}%" if proportion is not None and known(proportion) else DASH
    return number(proportion, f".{digits}%")


def span(low: Value, high: Value, form: str) -> str:
    """From a number to another.

    Example:
        >>> span(0.5, 0.75, ".0%"), span(None, None, ".0%")
        ('50% to 75%', '-')
    """
    return f"{number(low, form)} to {number(high, form)}" if known(low) and known(high) else DASH


def points(difference: Value, digits: int = 1, *, sign: bool = True) -> str:
    """A difference of proportions, or their standard deviation, in percentage points.

    Arguments:
        sign: whether what is above zero has a plus.

    Example:
        >>> points(0.155), points(0.155, sign=False), points(-0.004, 0)
        ('+15.5', '15.5', '0')
    """
    return DASH if difference is None else number(100 * difference, f"{'+' if sign else ''}.{digits}f")


def points_span(low: Value, high: Value, digits: int = 1, *, sign: bool = True) -> str:
    """From a difference to another, in percentage points."""
    there = known(low) and known(high)
    return f"{points(low, digits, sign=sign)} to {points(high, digits, sign=sign)}" if there else DASH


def p_words(p: float) -> str:
    """A p value as papers have it: three decimals, without a zero before the point; below .001 one digit.

    Example:
        >>> p_words(0.03125), p_words(0.125), p_words(1.0), p_words(0.0004), p_words(2e-6), p_words(0)
        ('.031', '.125', '1', '.0004', '2 × 10⁻⁶', '0')
    """
    if p >= 0.001:
        return f"{p:.3f}".removeprefix("0").removesuffix(".000")
    text = f"{p:.1g}".removeprefix("0")
    mantissa, of_ten, exponent = text.partition("e")
    return raised(mantissa, int(exponent)) if of_ten else text or "0"


def raised(mantissa: str, exponent: int) -> str:
    """A number with a power of ten.

    Example:
        >>> raised("4.4", -6)
        '4.4 × 10⁻⁶'
    """
    return f"{mantissa} × 10{str(exponent).translate(_RAISED)}"


def ms_words(time_ms: float) -> str:
    """A time in ms without its unit: whole from 10 ms on, below that three digits.

    Example:
        >>> ms_words(216.667), ms_words(10016.7), ms_words(-16.6667), ms_words(4.16667), ms_words(0)
        ('217', '10017', '-17', '4.17', '0')
    """
    return f"{time_ms:.0f}" if abs(time_ms) >= 10 else number(time_ms, ".3g")


def with_minus_signs(text: str) -> str:
    """A text for a page or a paper: numbers below zero have a true minus sign. What stands between backticks is left as is.

    Example:
        >>> with_minus_signs("-9.5 to +3.1 points, pages 78-90, `--window-ms -200 900`, by --seed")
        '−9.5 to +3.1 points, pages 78-90, `--window-ms -200 900`, by --seed'
    """
    parts = text.split("`")
    return "`".join(part if at % 2 else _HYPHEN_OF_A_NUMBER.sub(MINUS, part) for at, part in enumerate(parts))


def several(count: int, one: str, many: str = "") -> str:
    """How many of what.

    Example:
        >>> several(1, "recipe"), several(2000, "stimulus", "stimuli")
        ('1 recipe', '2,000 stimuli')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def time_words(seconds: float) -> str:
    """A length of time, as roughly as one that is estimated can be said.

    Example:
        >>> time_words(3.4), time_words(75), time_words(1400), time_words(9000)
        ('3 seconds', '75 seconds', '23 minutes', '2.5 hours')
    """
    for limit, unit, name in ((100, 1, "second"), (100 * 60, 60, "minute")):
        if seconds < limit:
            return several(max(1, round(seconds / unit)), name)
    return f"{seconds / 3600:.2g} hours"


def unit_words(unit: str, *, short: bool = False) -> str:
    """A unit of the pupil as sentences name it, or in short, as axes and tables do.

    Example:
        >>> unit_words("mm"), unit_words("sd"), unit_words("sd", short=True)
        ('mm', 'standard deviations of the baseline', 'SD of baseline')
    """
    return (_SHORT_UNITS if short else _UNITS).get(unit, unit)


def capitalised(text: str) -> str:
    """With a capital at its beginning, and nothing else changed.

    Example:
        >>> capitalised("the network"), capitalised("MiniRocket")
        ('The network', 'MiniRocket')
    """
    return text[:1].upper() + text[1:]
