"""How much the pupil differs between the classes: second class minus first, in the unit of the trace.

| module | question |
|---|---|
| `contrast` | the difference at each step and over a window, with t intervals over participants: what a multiverse compares |
| `crossed_difference` | where would the difference over a window lie with other participants and other stimuli? |
| `course_test` | do the classes differ anywhere along the trial? |

None of this needs a classifier, or a study.
"""

from smilejax.evaluation.class_difference.contrast import (
    DEFINITIONS,
    Contrast,
    Curve,
    MeanDifference,
    compared_over,
    contrast,
)
from smilejax.evaluation.class_difference.course_test import CourseTest, course_test
from smilejax.evaluation.class_difference.crossed_difference import CrossedDifference, crossed_difference

__all__ = [
    "DEFINITIONS",
    "Contrast",
    "CourseTest",
    "CrossedDifference",
    "Curve",
    "MeanDifference",
    "compared_over",
    "contrast",
    "course_test",
    "crossed_difference",
]
