"""Figures: of a trial or a video with the reason for every sample, and of a multiverse. Nothing here opens a window.

Figures are made without pyplot, and matplotlib is imported when the first one is drawn: no backend is chosen, and nothing
outlives the call.
"""

from smilejax.report.figures.face_figure import face_figure
from smilejax.report.figures.render import FORMATS, rendered
from smilejax.report.figures.specification_curve import specification_curve
from smilejax.report.figures.trial_figure import ReasonSpan, reason_spans, trace_figure

__all__ = ["FORMATS", "ReasonSpan", "face_figure", "reason_spans", "rendered", "specification_curve", "trace_figure"]
