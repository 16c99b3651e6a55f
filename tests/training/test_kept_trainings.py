"""Training by programs that are kept on disk: the same bits as by traced ones, and nothing is traced the second time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.children import SAME_PACKAGE

SCRIPT = """
import hashlib
import sys
import jax
import numpy as np
import smilejax
from smilejax.training import programs

traced = []
lower = programs.Programs._traced
programs.Programs._traced = lambda *given: traced.append("without keeping") or lower(*given)
jitted = programs._EPOCHS.jitted
noted = lambda *given, **static: traced.append("to keep") or jitted(*given, **static)
object.__setattr__(programs._EPOCHS, "jitted", noted)
if sys.argv[1] == "recurrent":
    simulated = smilejax.SimulationSettings(participants=4, smilers=3)
    trials = smilejax.simulate_study(simulated, key=jax.random.key(1)).trials
    dataset, settings = smilejax.prepare(trials, smilejax.Recipe()), smilejax.TrainingSettings(epochs=3)
else:
    from helpers.small_pictures import PICTURES, picture_dataset
    dataset, settings = picture_dataset(), PICTURES
digest = hashlib.sha256()
for seed in (0, 1):
    result = smilejax.train(dataset, settings, key=jax.random.key(seed))
    for leaf in jax.tree.leaves((result.logits, result.variables, result.train)):
        digest.update(np.asarray(leaf).tobytes())
print(digest.hexdigest(), *dict.fromkeys(traced))
"""


@pytest.mark.weekly
@pytest.mark.parametrize("network", ["recurrent", "cnn"])
def test_kept_programs_train_to_the_same_bits(network: str, tmp_path: Path) -> None:
    """A run's state is donated to the program, and one read from the disk must give the bits of one traced here and now."""
    environment = {name: value for name, value in os.environ.items() if name not in ("XLA_FLAGS", "SMILEJAX_PROGRAMS")}

    def said(**more: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, network],
            env=environment | {"PYTHONPATH": SAME_PACKAGE} | more,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split(maxsplit=1)

    plain, *_ = said()
    kept = {"SMILEJAX_PROGRAMS": str(tmp_path)}
    assert said(**kept) == [plain, "to keep\n"]
    assert said(**kept) == [plain], "it was read, and nothing traced"
    for file in tmp_path.glob("epochs-*"):
        file.write_bytes(file.read_bytes()[:-1])
    assert said(**kept) == [plain, "to keep\n"], "a damaged one is made anew"
