"""Faces written as a tidy table, and read again."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

import smilejax
from smilejax import Covariate, Faces, FaceSimulationSettings
from smilejax.readers.faces.tidy_faces import tidy_faces
from smilejax.readers.write_tables import write_table


@pytest.mark.filterwarnings("ignore::smilejax._util.errors.DataWarning")
def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    settings = FaceSimulationSettings(smilers=2, videos_per_class=1, duration_ms=1000.0, losses_per_minute=0.0)
    made = smilejax.simulate_faces(settings, key=jax.random.key(0)).faces
    width = Covariate("width", numbers=(640.0, 1280.0, 640.0, None))
    made = replace(made, length=np.array([50, 40, 50, 50]), covariates=(width,))
    path = tmp_path / "faces.csv"
    write_table(tidy_faces(made), path)
    found = smilejax.read(path)
    assert isinstance(found, Faces)
    for name in ("trial", "participant", "channels", "rate_hz", "class_names"):
        assert getattr(found, name) == getattr(made, name)
    np.testing.assert_array_equal(found.length, made.length)
    np.testing.assert_array_equal(found.label, made.label)
    np.testing.assert_allclose(found.values[made.inside()], made.values[made.inside()], rtol=1e-6)
    assert found.covariates[0].values == (640.0, 1280.0, 640.0, None)
