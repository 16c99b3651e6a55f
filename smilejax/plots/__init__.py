"""Figures: of a trial with the reason for every sample, and of a multiverse. Nothing here opens a window.

Figures are made without pyplot, and matplotlib is imported when the first one is drawn: no backend is chosen, and nothing
outlives the call.
"""

from smilejax.plots.multiverse import specification_curve
from smilejax.plots.rendering import FORMATS, rendered
from smilejax.plots.trial import COLOURS, Band, bands, trace_figure

__all__ = ["COLOURS", "FORMATS", "Band", "bands", "rendered", "specification_curve", "trace_figure"]
