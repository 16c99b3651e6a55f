"""The truth of a simulated study."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int32, UInt8

from smilejax._util import summaries
from smilejax._util.number_text import percent
from smilejax.recordings.trials import Trials
from smilejax.settings.checks import require_kind

CLASS_NAMES = ("posed", "genuine")
"""Names of classes 0 and 1; genuine is the positive one."""


class Destruction(IntEnum):
    """What happened to a sample. BLINK and LOSS are missing samples; RAMP, SPIKE and ISLAND are wrong values.

    Each sample has one kind. BLINK takes precedence over LOSS, and both over the other kinds, because a missing sample has
    no value that could be wrong. The samples of an ISLAND do not count as the blink or loss around it. RAMP takes precedence
    over SPIKE, because a spike on a ramp changes a value that is wrong already.
    """

    NONE = 0
    BLINK = 1  # the eyelid hides the pupil; both eyes
    RAMP = 2  # the eyelid covers part of the pupil, just before or after a blink; both eyes
    LOSS = 3  # the tracker lost this eye
    SPIKE = 4  # the tracker measured this eye wrongly
    ISLAND = 5  # the tracker found no pupil of this eye and measured something else


@dataclass(frozen=True, eq=False, repr=False)
class Truth:
    """The truth of a simulated study of N trials, P participants and S stimuli.

    `participant_index` and `stimulus_index` give participant and stimulus of each trial: `truth.gain[truth.participant_index]`
    is the gain of every trial. Stimulus `2 k` is the posed and `2 k + 1` the genuine smile of smiler `k`.
    """

    clean_mm: Float32[np.ndarray, "N T 2"]
    """Left and right pupil in mm without noise or artefact, within `CLEAN_MM`."""
    destroyed: UInt8[np.ndarray, "N T 2"]
    """`Destruction` of each sample."""
    participant_index: Int32[np.ndarray, " N"]
    """Participant of each trial, 0 to P - 1."""
    stimulus_index: Int32[np.ndarray, " N"]
    """Stimulus of each trial, 0 to S - 1."""
    baseline_mm: Float32[np.ndarray, " P"]
    """Resting pupil of each participant in mm, within `BASELINE_MM`, mean of the eyes."""
    gain: Float32[np.ndarray, " P"]
    """Responsiveness of each participant, above 0, mean 1; scales reflex and effect."""
    eye_offset_mm: Float32[np.ndarray, " P"]
    """Left minus right pupil of each participant in mm."""
    reflex_mm: Float32[np.ndarray, " S"]
    """Peak constriction to each stimulus in mm, from 0 up, before the participant's gain."""

    def __repr__(self) -> str:
        return f"Truth({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("Truth", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        destroyed = percent(float((self.destroyed != Destruction.NONE).mean()))
        return [
            ("of", summaries.groups(self.participant_index.tolist(), self.stimulus_index.tolist(), None)),
            ("samples", f"{destroyed} of the samples destroyed"),
        ]


@dataclass(frozen=True, eq=False, repr=False)
class Simulation:
    """A simulated study: the recording of a tracker (`trials`), and the truth."""

    trials: Trials
    truth: Truth

    def __repr__(self) -> str:
        return f"Simulation({self.trials!r}; {self.truth!r})"

    def _repr_html_(self) -> str:
        rows = (("trials", repr(self.trials)), ("truth", repr(self.truth)))
        return summaries.as_html("Simulation", rows)


def truth_table(study: Simulation) -> pd.DataFrame:
    """The truth sample by sample, in the rows that `write_tidy` gives the trials.

    Returns:
        `participant`, `trial`, `time_ms` relative to onset, `clean_left_mm`, `clean_right_mm`, `destroyed_left` and
        `destroyed_right` (names of `Destruction` in lower case).
    """
    require_kind(study, "study", Simulation)
    trials, truth = study.trials, study.truth
    samples = trials.pupil.shape[1]
    names = np.array([d.name.lower() for d in Destruction])
    return pd.DataFrame(
        {
            "participant": np.repeat(trials.participant, samples),
            "trial": np.repeat(trials.trial, samples),
            "time_ms": np.tile(trials.start_ms + np.arange(samples) * 1000.0 / trials.rate_hz, len(trials)),
            **{f"clean_{eye}_mm": truth.clean_mm[:, :, lane].ravel() for lane, eye in enumerate(("left", "right"))},
            **{
                f"destroyed_{eye}": names[truth.destroyed[:, :, lane].ravel()]
                for lane, eye in enumerate(("left", "right"))
            },
        }
    )
