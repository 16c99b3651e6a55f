"""How the power of a study's design is found by simulation."""

from dataclasses import dataclass
from typing import get_args

from smilejax.settings.checks import require_choice, require_count, require_number
from smilejax.settings.classifier_names import Classifier


@dataclass(frozen=True)
class PowerSettings:
    """How many studies are simulated, and how each is judged."""

    studies: int = 50
    """Simulated studies of each design, 1 or more. With 50, a power of 80% is known within 11 percentage points."""
    permutations: int = 99
    """Label permutations of each study's test, 1 or more, at most; fewer where fewer exist."""
    stop_after: int = 10
    """Permutations scoring as high as the study itself, or higher, at which the network's test stops early, as in a study; 0
    never stops early. Tests of the other classifiers, whose permutations cost next to nothing, use all."""
    classifier: Classifier = "rocket"
    """What is trained: rocket (MiniRocket), features (pupil features, logistic regression), dynamics (of faces, not of
    the pupils of `smilejax power`), or network and combined (the mean of the network's and MiniRocket's log odds), both
    slow."""
    blocks: int = 4
    """Blocks of participants, and of stimuli, 2 or more of each: each pair of blocks is a fold."""
    alpha: float = 0.05
    """Significance level: significant is p up to this, above 0 and at most .5."""
    seed: int = 0
    """Seed of all studies, 0 or more."""

    def __post_init__(self) -> None:
        require_count(self, "studies", 1)
        require_count(self, "permutations", 1)
        require_count(self, "stop_after", 0)
        require_choice(self, "classifier", get_args(Classifier))
        require_count(self, "blocks", 2)
        require_number(self, "alpha", 0, 0.5, open_low=True)
        require_count(self, "seed", 0)
