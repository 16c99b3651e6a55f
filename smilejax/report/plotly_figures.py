"""Figures as Plotly's JSON. Colours are CSS variables, which the page's script looks up, so that they follow its theme."""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass

from smilejax._util.number_text import Value, known
from smilejax.report.page_parts import Key

Series = Sequence[Value]
PlotlyTrace = dict[str, object]
"""A trace, shape, axis or annotation by Plotly's names; `spec` has Plotly check them."""

INK, MUTED, GRID, PAPER = "var(--ink)", "var(--muted)", "var(--grid)", "var(--surface)"
CLEAR = "rgba(0,0,0,0)"
DASHES = {"solid": "", "dash": "7 4", "dot": "2 3"}
"""Plotly's dashes as those of an SVG stroke, for the legend."""
SYMBOLS = {"circle": "circle", "square": "square", "diamond": "diamond-open"}
"""Markers by their names in a legend."""


@dataclass(frozen=True)
class Style:
    """How one thing looks in every figure: colour, dash and marker, so that colour alone distinguishes nothing."""

    color: str
    band: str
    dash: str = "solid"
    marker: str = "circle"

    def key(self, name: str, *, line: bool = True, marker: bool = False, band: bool = False) -> Key:
        """Its entry in a legend."""
        return Key(
            name,
            self.color,
            DASHES[self.dash],
            self.marker if marker else "",
            self.band if band else "",
            line=line,
        )


CLASS_STYLES = (
    Style("var(--class-0)", "var(--class-0-band)", "dash", "square"),
    Style("var(--class-1)", "var(--class-1-band)", "solid", "circle"),
)
"""Of the first and the second class: blue and vermilion of Okabe & Ito (2008), lighter ones of theirs on dark."""
ONE = Style("var(--one)", "var(--one-band)")
"""The network, or what there is only one of."""
OTHER = Style("var(--other)", "var(--other-band)", "dot", "diamond")
"""What the network is compared with."""
NEGATIVE = Style("var(--negative)", "var(--negative)", "dot", "square")
"""Negative controls."""


DIAGONAL: PlotlyTrace = {
    "type": "line",
    "x0": 0,
    "y0": 0,
    "x1": 1,
    "y1": 1,
    "line": {"color": MUTED, "dash": "dash", "width": 1.3},
}
"""A line from corner to corner of a figure of two proportions."""


def shortened(name: str, most: int = 24) -> str:
    """A name that fits on an axis."""
    return name if len(name) <= most else name[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def escaped(name: str) -> str:
    """A name as Plotly shows it: nothing in it is read as a tag or an entity."""
    return html.escape(name, quote=False)


def line(
    x: Series, y: Series, style: Style, name: str, hover: str = "%{y:.3f}", *, width: float = 2.2, **more: object
) -> PlotlyTrace:
    """A line with gaps where there is no number."""
    look = {"color": style.color, "dash": style.dash, "width": width}
    return {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y), "name": escaped(name), "line": look} | {
        "hovertemplate": hover,
        **more,
    }


def band(x: Series, low: Series, high: Series, style: Style, **more: object) -> PlotlyTrace:
    """The area between two lines, in pieces where either has a gap."""
    outline_x: list[Value] = []
    outline_y: list[Value] = []
    for piece in pieces(low, high):
        outline_x += [*(x[i] for i in piece), *(x[i] for i in reversed(piece)), None]
        outline_y += [*(low[i] for i in piece), *(high[i] for i in reversed(piece)), None]
    look = {"fill": "toself", "fillcolor": style.band, "line": {"width": 0, "color": CLEAR}}
    return {"type": "scatter", "mode": "lines", "x": outline_x, "y": outline_y, "hoverinfo": "skip", **look, **more}


def pieces(low: Series, high: Series) -> list[list[int]]:
    """Runs of two or more points at which both lines have a number.

    Example:
        >>> pieces([1, 2, None, 4, 5, 6], [1, 2, 3, 4, 5, None])
        [[0, 1], [3, 4]]
    """
    runs: list[list[int]] = [[]]
    for at, pair in enumerate(zip(low, high, strict=True)):
        if all(map(known, pair)):
            runs[-1].append(at)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def whiskers(low: Series, high: Series, y: Series, color: str, width: float = 2.0, **more: object) -> PlotlyTrace:
    """Horizontal lines from low to high; a row without either has none."""
    xs: list[Value] = []
    ys: list[Value] = []
    for a, b, at in zip(low, high, y, strict=True):
        if known(a) and known(b):
            xs += [a, b, None]
            ys += [at, at, None]
    look = {"color": color, "width": width}
    return {"type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": look, "hoverinfo": "skip", **more}


def upright(x: float, color: str = MUTED, dash: str = "dash", width: float = 1.5) -> PlotlyTrace:
    """A line from the bottom to the top of a figure."""
    look = {"color": color, "dash": dash, "width": width}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": look}


def onset_lines(start_ms: float) -> list[PlotlyTrace]:
    """A line at time zero where trials begin before it; none where they begin with it."""
    return [{**upright(0.0, width=1.2), "layer": "below"}] if start_ms < 0 else []


def horizontal_line(y: float, color: str = MUTED, dash: str = "dash", width: float = 1.2) -> PlotlyTrace:
    """A line from the left to the right of a figure."""
    look = {"color": color, "dash": dash, "width": width}
    return {"type": "line", "y0": y, "y1": y, "xref": "paper", "x0": 0, "x1": 1, "line": look, "layer": "below"}


def axis(title: str = "", **more: object) -> PlotlyTrace:
    """An axis as in every figure; a name in its title stays text."""
    look = {
        "gridcolor": GRID,
        "zeroline": False,
        "linecolor": GRID,
        "ticks": "outside",
        "tickcolor": GRID,
        "ticklen": 4,
    }
    named = {"title": {"text": escaped(title), "standoff": 8, "font": {"size": 12, "color": MUTED}}} if title else {}
    return {
        **named,
        "tickfont": {"size": 12, "color": MUTED},
        "automargin": True,
        "fixedrange": True,
        "hoverformat": ".2f",
        **look,
        **more,
    }


SHARES = {"tickformat": ".0%", "hoverformat": ".1%"}
"""Of an axis of shares."""


def spec(traces: Sequence[PlotlyTrace], **layout: object) -> str:
    """A figure's JSON, checked by Plotly: every name of a property, and every value that it can check."""
    import plotly.graph_objects as go  # a fifth of a second

    base = {
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": "var(--font)", "size": 13, "color": INK},
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": GRID, "font": {"color": INK}},
        "xaxis": axis(),
        "yaxis": axis(),
    }
    figure = go.Figure([{"showlegend": False, **trace} for trace in traces], {**base, **layout})
    content = json.loads(figure.to_json(engine="json"))
    content["layout"].pop("template", None)  # Plotly's own theme, which the page replaces
    return embedded(content)


def embedded(content: object) -> str:
    """JSON that can stand inside a script element: nothing in it ends the element or begins a comment."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
