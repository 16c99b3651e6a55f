"""Numbers and names as a page sets them: as `_util.number_text`, with a true minus sign and a longer dash."""

import math
from collections.abc import Mapping, Sequence

from smilejax._util import number_text
from smilejax._util.number_text import MINUS, Value, known, p_words, raised
from smilejax._util.typed_json import JsonValue
from smilejax.preprocess.channels import channel_named

DASH = "\N{EN DASH}"


def number(value: Value, digits: int = 3) -> str:
    """A number with a fixed number of decimals.

    Example:
        >>> number(-0.25, 2), number(None)
        ('−0.25', '–')
    """
    return _set(number_text.number(value, f",.{digits}f"))


def significant(value: Value, digits: int = 3) -> str:
    """A number with a fixed number of significant digits, without an exponent unless it is very small or large.

    Example:
        >>> significant(0.0012345), significant(1500.0), significant(3.21e-8)
        ('0.00123', '1500', '3.21 × 10⁻⁸')
    """
    if value is None or not math.isfinite(value):
        return DASH
    size = 0 if value == 0 else math.floor(math.log10(abs(value)))
    if -5 < size < 7:
        return _set(f"{value:.{max(digits - 1 - size, 0)}f}")
    return _scientific(value, digits)


def p_value(value: Value) -> str:
    """A p value as sentences have it (`p_words`).

    Example:
        >>> p_value(0.1), p_value(4.39e-6), p_value(1.0), p_value(None)
        ('.100', '4 × 10⁻⁶', '1', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    return p_words(value)


def percent(proportion: Value, digits: int = 1) -> str:
    """A proportion as percent.

    Example:
        >>> percent(0.86328), percent(1.0, 0), percent(None)
        ('86.3%', '100%', '–')
    """
    return _set(number_text.percent(proportion, digits))


def points(difference: Value) -> str:
    """A difference of two proportions in percentage points, signed."""
    return _set(number_text.points(difference))


def count(value: Value) -> str:
    """A count; a mean of counts keeps one decimal."""
    if value is None or not math.isfinite(value):
        return DASH
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def span(low: Value, high: Value, digits: int = 1) -> str:
    """An interval of proportions in percent, or a dash."""
    return f"{percent(low, digits)} to {percent(high, digits)}" if known(low) and known(high) else DASH


def points_span(low: Value, high: Value) -> str:
    """An interval of a difference in percentage points, or a dash."""
    return f"{points(low)} to {points(high)}" if known(low) and known(high) else DASH


def seconds(time_ms: Value) -> str:
    """A time in seconds."""
    return DASH if time_ms is None else f"{time_ms / 1000:.2f}"


def setting(value: JsonValue) -> str:
    """A setting as text: lists with commas, yes and no; None and what is empty as a dash."""
    if value is None or value == "" or (isinstance(value, Sequence | Mapping) and not len(value)):
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(setting(part) for part in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {setting(part)}" for name, part in value.items())
    return str(value)


def sentence(text: str) -> str:
    """With a capital and a full stop; empty stays empty.

    Example:
        >>> sentence("no run gave an answer")
        'No run gave an answer.'
    """
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def channel_words(channel: str) -> str:
    """A channel of the network's input in words."""
    return channel_named(channel).described


def _set(text: str) -> str:
    """With a true minus sign; a longer dash where there is no number."""
    return DASH if text == number_text.DASH else text.replace("-", MINUS, 1) if text.startswith("-") else text


def _scientific(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return raised(_set(mantissa), int(exponent))
