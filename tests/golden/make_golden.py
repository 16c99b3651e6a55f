"""Write cleaning.npz and training.npz. Run with version 03116ae, in whose numbers they are:

    git worktree add ../smilejax-03116ae 03116ae
    PYTHONPATH=../smilejax-03116ae python tests/golden/make_golden.py

Its native kernel must be built (`pip install` builds it); without it, last bits of a training differ.
"""

import argparse
from pathlib import Path

import jax
import numpy as np
import smilejax
from golden_cases import RATE_HZ, RECIPES, SEED, TRAINED_ON, TRAININGS, TRIALS, arrays

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Clean and train with the version that is installed, and write what comes of it."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    given = arrays()
    trials = smilejax.Trials(
        pupil=given["pupil"],
        length=given["length"],
        rate_hz=RATE_HZ,
        unit="mm",
        label=given["label"],
        class_names=("posed", "genuine"),
        trial=tuple(f"t{row}" for row in range(TRIALS)),
        participant=tuple(f"p{row // 4}" for row in range(TRIALS)),
        blink=given["blink"],
    )
    cleaned = {}
    for name, settings in RECIPES.items():
        data = smilejax.prepare(trials, smilejax.Recipe(**settings))
        cleaned |= {
            f"{name}/x": np.asarray(data.x),
            f"{name}/valid": np.asarray(data.valid),
            f"{name}/status": np.asarray(data.verdict),
            f"{name}/proportion_valid": np.asarray(data.measured),
        }
    np.savez_compressed(HERE / "cleaning.npz", **cleaned)
    data = smilejax.prepare(trials, smilejax.Recipe(**RECIPES["hardly any step"]))
    trained = {}
    for name, settings in TRAININGS.items():
        model = smilejax.ModelSettings(**settings["model"])
        result = smilejax.train(
            data,
            smilejax.TrainingSettings(**(settings | {"model": model})),
            key=jax.random.key(SEED),
            train_mask=np.arange(TRIALS) < TRAINED_ON,
            validation_mask=np.arange(TRIALS) >= TRAINED_ON,
        )
        trained |= {f"{name}/logits": np.asarray(result.logits), f"{name}/train_loss": np.asarray(result.train.loss)}
    np.savez_compressed(HERE / "training.npz", **trained)


if __name__ == "__main__":
    main()
