"""What several commands check of recordings before minutes of work."""

from collections.abc import Sequence

from smilejax._util.errors import DataError
from smilejax.cli import terminal
from smilejax.recordings.trials import Trials
from smilejax.settings import SimulationSettings


def require_both_classes(trials: Trials) -> None:
    """Raise `DataError` unless there are trials of either class: training would refuse them too, but later."""
    counts = [int((trials.label == k).sum()) for k in (0, 1)]
    if 0 in counts:
        raise DataError(
            f"training needs trials of both classes; there are {counts[0]} {trials.class_names[0]} and "
            f"{counts[1]} {trials.class_names[1]}. CheckCommand the labels with `smilejax check`."
        )


def note_late_effect(simulation: SimulationSettings, effects_mm: Sequence[float] = ()) -> None:
    """Say so where simulated trials end before their effect begins."""
    if any(effects_mm or (simulation.effect_mm,)) and simulation.duration_ms <= simulation.effect_onset_ms:
        terminal.note(
            f"trials end at {simulation.duration_ms:g} ms, before the effect begins at {simulation.effect_onset_ms:g} "
            "ms: the classes do not differ. Give longer ones (--duration-ms), or an earlier effect (--effect-onset-ms)"
        )
