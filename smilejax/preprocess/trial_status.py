"""`TrialStatus`: why a trial was kept or rejected. No jax in here."""

import enum


class TrialStatus(enum.IntEnum):
    """Why a trial was kept or rejected. The first rule that applies is the one given."""

    KEPT = 0
    NOTHING_MEASURED = 1
    TOO_MUCH_MISSING = 2
    NO_BASELINE = 3
    DIRTY_BASELINE = 4
    SMALL_BASELINE = 5
    NO_NEUTRAL_FACE = 6
    NO_ONSET = 7

    @property
    def words(self) -> str:
        """The status as tables print it."""
        return self.name.lower().replace("_", " ")
