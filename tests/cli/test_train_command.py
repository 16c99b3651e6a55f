"""What `smilejax train` says of its held-out participants."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers.drawn_faces import drawn_faces
from helpers.recordings import trials_with_gaps

from smilejax._util.errors import DataError
from smilejax.cli.train_command import FEWEST, _participants, _require_two_people


def test_two_held_out_participants_are_not_compared() -> None:
    trials = trials_with_gaps()
    scored = np.isin(np.array(trials.participant), list(dict.fromkeys(trials.participant))[: FEWEST - 1])
    said = _participants(np.ones(len(trials), bool), trials, scored)
    assert said == "Whether participants differ in accuracy cannot be judged with fewer than 3 of them held out."


def test_one_smiler_cannot_be_held_out_and_is_called_so() -> None:
    faces = drawn_faces()
    alone = faces.take([faces.participant[row] == faces.participant[0] for row in range(len(faces))])
    dataset = SimpleNamespace(kept=np.ones(len(alone), bool))
    with pytest.raises(DataError) as error:
        _require_two_people(alone, dataset)
    said = str(error.value)
    assert "to hold out smilers, two are needed who have labelled videos that are kept; there is 1." in said
    assert "participant" not in said
    assert "holdout 0" in said
    _require_two_people(faces, SimpleNamespace(kept=np.ones(len(faces), bool)))
