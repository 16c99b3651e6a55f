"""The check that there are recordings of both classes, in the words of their kind."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.drawn_faces import drawn_faces

from smilejax._util.errors import DataError
from smilejax.recordings.both_classes import require_both_classes


def test_of_faces_it_speaks_of_videos() -> None:
    faces = drawn_faces(2, 2, seconds=0.2)
    require_both_classes(faces, "a study")
    with pytest.raises(DataError, match="a study needs videos of both classes; there are 4 posed and 0 genuine"):
        require_both_classes(replace(faces, label=np.zeros(len(faces), np.int32)), "a study")
