"""Train the model once and save it: a short script to copy from. `smilejax train` takes the same steps, with keys of its own.

python experiments/train.py recording.csv --classes Easy Hard --out my-model
python experiments/train.py                     # a simulated study
"""

from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
import tyro
from tyro.conf import Positional

import smilejax


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    data: Positional[Path | None] = None
    """File or folder with the recordings; a simulated study where not given."""
    out: Path = Path("smilejax-model")
    """Folder for the model."""
    classes: tuple[str, str] = ("posed", "genuine")
    """The two classes as the file writes them; the second is the positive one."""
    epochs: int = 40
    """Passes over the training trials."""
    seed: int = 0
    """Everything random follows from it."""


def main(args: Arguments) -> None:
    """Read, preprocess, split by participant, train, save."""
    study_key, split_key, training_key = jax.random.split(jax.random.key(args.seed), 3)
    if args.data is None:
        trials = smilejax.simulate_study(smilejax.SimulationSettings(), key=study_key).trials
    else:
        trials = smilejax.read(args.data, smilejax.ReadSettings(classes=args.classes))

    recipe = smilejax.Recipe()
    settings = smilejax.TrainingSettings(epochs=args.epochs)
    dataset = smilejax.prepare(trials, recipe)
    held_out = smilejax.hold_out_participants(dataset, 0.25, key=split_key).test[0]

    result = smilejax.train(dataset, settings, key=training_key, validation_mask=held_out)
    for epoch in range(0, settings.epochs, max(1, settings.epochs // 8)):
        loss, accuracy = result.train.loss[epoch], result.validation.accuracy[epoch]
        print(f"epoch {epoch + 1:3d}   training loss {loss:.3f}   held-out accuracy {accuracy:.1%}")
    scored = held_out & dataset.kept & (np.asarray(dataset.y) >= 0)
    y, predicted = np.asarray(dataset.y)[scored], np.asarray(result.logits).argmax(-1)[scored]
    recall = [np.mean(predicted[y == k] == k) for k in (0, 1)]
    print(
        f"held-out participants: balanced accuracy {np.mean(recall):.1%}; accuracy {np.mean(predicted == y):.1%}, ",
        end="",
    )
    print(f"where always predicting the larger class gives {max(np.mean(y == k) for k in (0, 1)):.1%}")

    model = smilejax.Predictor.of(result, trials, record={"seed": args.seed})
    print(f"wrote {model.save(args.out)}")


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))
