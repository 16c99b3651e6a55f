"""A figure as the content of a file, and names as figures show them."""

import io
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
"""Suffixes of the files that a figure is written to."""


def rendered(figure: "Figure", suffix: str) -> bytes:
    """The figure as a file's content, the same bytes for the same figure; suffix: one of `FORMATS`."""
    from matplotlib import rc_context

    content = io.BytesIO()
    date = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix)
    with warnings.catch_warnings(), rc_context({"svg.hashsalt": "smilejax"}):
        # A name in letters that the font lacks is drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing|Matplotlib currently does not support .* natively")
        figure.savefig(content, format=suffix.removeprefix("."), metadata=date)
    return content.getvalue()


def short(name: str, most: int = 24) -> str:
    """A name on one line, cut to a length; what no font has a sign for, such as control characters, is replaced.

    Example:
        >>> short("a name that somebody gave to a file\\nof theirs")
        'a name that somebody ga…'
    """
    plain = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in " ".join(name.split()))
    return plain if len(plain) <= most else plain[: most - 1] + "…"
