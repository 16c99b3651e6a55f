"""A trial's view as a figure of plotly.js: panels one below the other, bands behind the lines. A plain dictionary."""

from dataclasses import dataclass

import numpy as np

from smilejax._util.typed_json import JsonObject, JsonValue
from smilejax.app.trial_view import Floats, Panel, TrialView
from smilejax.preprocess.reasons import Reason

GAP = 0.065
"""Between panels, as a proportion of the height: a title stands there."""
DIGITS = 5
"""Of values and times: what a screen can show."""
MOST_SPREAD = 2.5
"""An axis that shows all values may be so many times as long as one that shows those that were believed; beyond, it is cut."""


@dataclass(frozen=True)
class Theme:
    """Colours of a figure: of text, of lines of the grid, of what stands behind, and those that replace a colour that cannot be
    seen on this background; and how dense bands are."""

    ink: str
    grid: str
    faint: str
    replaced: dict[str, str]
    density: float


LIGHT = Theme("#3b4252", "#e8eaee", "#b3b9c4", {}, 0.34)
DARK = Theme("#c9d1dd", "#2b3340", "#5d6878", {"#000000": "#f1f4f8", "#0072B2": "#56B4E9", "#D55E00": "#E69F00"}, 0.42)


CONFIG: JsonObject = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "displaylogo": False}


def empty_figure(words: str = "", *, dark: bool = False) -> JsonObject:
    """What stands there while there is no trial to be shown. words: why, in the middle. dark: whether the page is."""
    unseen: JsonObject = {"visible": False}
    clear = "rgba(0,0,0,0)"
    layout: JsonObject = {"paper_bgcolor": clear, "plot_bgcolor": clear, "xaxis": unseen, "yaxis": unseen}
    if words:
        ink = (DARK if dark else LIGHT).ink
        place: JsonObject = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        font: JsonObject = {"color": ink, "size": 14, "family": "system-ui, sans-serif"}
        layout["annotations"] = [{**place, "text": _plain(words), "font": font}]
    return {"data": [], "layout": layout, "config": CONFIG}


def figure(view: TrialView, revision: str, *, dark: bool) -> JsonObject:
    """The figure.

    Arguments:
        revision: of which trial it is: as long as it stays the same, what was zoomed to stays; the figure carries it as `meta`,
            by which the page knows what is drawn. dark: whether the page is.
    """
    theme = DARK if dark else LIGHT
    count = max(len(view.panels), 1)
    height = (1 - GAP * count) / count
    data: list[JsonValue] = []
    shapes: list[JsonValue] = []
    titles: list[JsonValue] = []
    layout: JsonObject = {
        "uirevision": revision,
        "meta": revision,
        "margin": {"l": 58, "r": 12, "t": 4, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": theme.ink, "size": 12, "family": "system-ui, sans-serif"},
        "showlegend": False,
        "hovermode": "x",
        "autosize": True,
    }
    for at, panel in enumerate(view.panels):
        axis = "y" if at == 0 else f"y{at + 1}"
        top = 1 - at * (height + GAP) - GAP
        limits = _limits(panel)
        layout[axis.replace("y", "yaxis")] = _y_axis(panel, limits, theme, max(top - height, 0.0), top)
        data += [
            _line(one.name, one.time_s, one.values, axis, _look(one.colour, one.cleaned, theme)) for one in panel.lines
        ]
        shapes += [_band(band.start_s, band.end_s, band.reason, axis, theme) for band in panel.bands]
        titles.append(_title(panel.title + cut_words(panel, limits), top, theme))
    if view.from_s < 0 < view.to_s:
        onset: JsonObject = {"type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1 - GAP}
        shapes.append({**onset, "line": {"color": theme.ink, "width": 1, "dash": "dash"}})
    layout["xaxis"] = {
        "range": [round(view.from_s, DIGITS), round(view.to_s, DIGITS)],
        "title": {"text": f"time in s, from {view.since}", "standoff": 8},
        "anchor": "y" if len(view.panels) < 2 else f"y{len(view.panels)}",
        **_axis(theme),
    }
    layout["shapes"], layout["annotations"] = shapes, titles
    return {"data": data, "layout": layout, "config": CONFIG}


def coloured(reason: Reason, *, dark: bool) -> str:
    """The colour of a reason's bands, as a style sheet writes it: as dense as in the figure."""
    return _faded(reason.colour, DARK if dark else LIGHT)


def _axis(theme: Theme) -> JsonObject:
    return {
        "gridcolor": theme.grid,
        "linecolor": theme.grid,
        "zeroline": False,
        "tickcolor": theme.grid,
        "showline": True,
    }


def _y_axis(panel: Panel, limits: tuple[float, float] | None, theme: Theme, low: float, high: float) -> JsonObject:
    text = panel.axis if len(panel.axis) <= 24 else f"{panel.axis[:23]}…"
    fixed: JsonObject = {"range": [*limits]} if limits else {"range": [0, 1], "showticklabels": False}
    title: JsonObject = {"text": _plain(text), "standoff": 6}
    return {"domain": [round(low, 4), round(high, 4)], "title": title, **fixed, **_axis(theme), "nticks": 5}


def cut_words(panel: Panel, limits: tuple[float, float] | None) -> str:
    """That a panel's axis does not reach all values, with the lowest and the highest; empty where it does.

    Arguments:
        limits: lowest and highest value on the axis, in its unit; None where no value is known.
    """
    known = _known(panel)
    if limits is None or (limits[0] <= known.min() and known.max() <= limits[1]):
        return ""
    return f" (axis cut off; values go from {known.min():.3g} to {known.max():.3g})"


def _known(panel: Panel) -> Floats:
    values = np.concatenate([line.values for line in panel.lines]) if panel.lines else np.zeros(0)
    return np.asarray(values[np.isfinite(values)], np.float64)


def _limits(panel: Panel) -> tuple[float, float] | None:
    """From the lowest to the highest value, with a margin; but to those that were believed alone where spikes would flatten
    everything else."""
    cleaned = [line for line in panel.lines if line.cleaned]
    kept = [_outside_bands(line.time_s, line.values, panel) for line in (cleaned or panel.lines)]
    kept += [] if not cleaned else [line.values for line in panel.lines if line.cleaned]
    values = np.concatenate(kept) if kept else np.zeros(0)
    known = values[np.isfinite(values)]
    every = _known(panel)
    if not len(every):
        return None
    if not len(known) or np.ptp(every) <= MOST_SPREAD * np.ptp(known):
        known = every
    low, high = float(known.min()), float(known.max())
    margin = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    return round(low - margin, DIGITS), round(high + margin, DIGITS)


def _outside_bands(time_s: Floats, values: Floats, panel: Panel) -> Floats:
    within = np.zeros(len(time_s), np.bool_)
    for band in panel.bands:
        within |= (time_s >= band.start_s - 1e-9) & (time_s < band.end_s - 1e-9)
    return np.asarray(np.where(within, np.nan, values), np.float64)


def _look(colour: str | None, cleaned: bool, theme: Theme) -> JsonObject:
    if colour is None:
        return {"color": theme.faint, "width": 1}
    return {"color": theme.replaced.get(colour, colour), "width": 2 if cleaned else 1.3}


def _line(name: str, time_s: Floats, values: Floats, axis: str, look: JsonObject) -> JsonObject:
    numbers = [round(value, DIGITS) if value == value else None for value in values.tolist()]
    alone = "lines+markers" if len(numbers) < 2 else "lines"
    return {
        "type": "scatter",
        "mode": alone,
        "name": _plain(name),
        "x": [round(value, DIGITS) for value in time_s.tolist()],
        "y": numbers,
        "yaxis": axis,
        "line": look,
        "connectgaps": False,
        "hovertemplate": "%{y:.4g}<extra>" + _plain(name) + "</extra>",
    }


def _band(start_s: float, end_s: float, reason: Reason, axis: str, theme: Theme) -> JsonObject:
    return {
        "type": "rect",
        "xref": "x",
        "yref": f"{axis} domain",
        "x0": round(start_s, DIGITS),
        "x1": round(end_s, DIGITS),
        "y0": 0,
        "y1": 1,
        "fillcolor": _faded(reason.colour, theme),
        "line": {"width": 0},
        "layer": "below",
    }


def _title(text: str, top: float, theme: Theme) -> JsonObject:
    place: JsonObject = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom"}
    return {**place, "text": _plain(text), "showarrow": False, "font": {"size": 12.5, "color": theme.ink}}


def _faded(colour: str, theme: Theme) -> str:
    """A colour that lets lines through; greys are mirrored in the dark, where those that mean absence would not be seen."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    if theme is DARK and red == green == blue:
        red = green = blue = 255 - red
    return f"rgba({red},{green},{blue},{theme.density})"


def _plain(text: str) -> str:
    """A text that plotly shows as it is: it takes some HTML for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
