"""What `smilejax train` says of its held-out participants."""

import numpy as np
from helpers.recordings import trials_with_gaps

from smilejax.cli.train_command import FEWEST, _participants


def test_two_held_out_participants_are_not_compared() -> None:
    trials = trials_with_gaps()
    scored = np.isin(np.array(trials.participant), list(dict.fromkeys(trials.participant))[: FEWEST - 1])
    said = _participants(np.ones(len(trials), bool), trials, scored)
    assert said == "Whether participants differ in accuracy cannot be judged with fewer than 3 of them held out."
