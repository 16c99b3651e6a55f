"""Series and classifiers of aeon, in an environment of its own. `benchmark_classifiers.py --aeon-python` runs it:

    PYTHON aeon_worker.py series FOLDER NAME ...     # writes NAME.series.npz: one class against the rest
    PYTHON aeon_worker.py fit FOLDER                 # reads jobs.txt: a line "STEM<tab>CLASSIFIER" for each job

A job reads STEM.npz (x f32[N, C, T], y i64[N], train bool[F, N]) and writes STEM.CLASSIFIER.npy, P(class 1) of all trials after
training on each fold, f64[F, N]. Channels are standardised by the fold's training trials. It imports nothing of smilejax.
"""

import sys
import time
from pathlib import Path

import numpy as np

INCEPTION = {"n_classifiers": 2, "n_epochs": 100, "batch_size": 16}
"""Two networks of the paper's size (six modules, 32 filters of each length) for 100 epochs; the paper's are five and 1500."""


def series(folder: Path, names: list[str]) -> None:
    """Write data sets that come with aeon."""
    from aeon.datasets import load_classification

    for name in names:
        parts = [load_classification(name, split=split) for split in ("train", "test")]
        x, labels = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        classes = sorted(set(labels.tolist()))
        train = np.arange(len(x)) < len(parts[0][0])
        y = (labels == classes[0]).astype(np.int64)
        np.savez(folder / f"{name}.series.npz", x=x, y=y, train=train, class_name=classes[0], classes=len(classes))


def classifier(name: str) -> object:
    """A new classifier by its name in tables."""
    if name == "MultiRocket-Hydra":
        from aeon.classification.convolution_based import MultiRocketHydraClassifier

        return MultiRocketHydraClassifier(random_state=0)
    if name == "QUANT":
        from aeon.classification.interval_based import QUANTClassifier

        return QUANTClassifier(random_state=0)
    if name == "InceptionTime":
        from aeon.classification.deep_learning import InceptionTimeClassifier

        return InceptionTimeClassifier(random_state=0, **INCEPTION)
    raise SystemExit(f"{name} is none of aeon's classifiers that are compared here.")


def probabilities(x: np.ndarray, y: np.ndarray, train: np.ndarray, name: str) -> np.ndarray:
    """P(class 1) of all trials, one row for each fold."""
    found = []
    for mask in train:
        mean, sd = x[mask].mean((0, 2), keepdims=True), x[mask].std((0, 2), keepdims=True)
        z = (x - mean) / np.where(sd > 0, sd, 1.0)
        model = classifier(name).fit(z[mask], y[mask])
        found.append(model.predict_proba(z)[:, list(model.classes_).index(1)])
    return np.array(found)


def fit(folder: Path) -> None:
    """Do the jobs whose results are missing."""
    for line in (folder / "jobs.txt").read_text().splitlines():
        stem, name = line.split("\t")
        result = folder / f"{stem}.{name}.npy"
        if result.exists():
            continue
        began = time.process_time()
        with np.load(folder / f"{stem}.npz") as given:
            p = probabilities(given["x"].astype(np.float64), given["y"], given["train"], name)
        part = result.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, p)
        part.replace(result)
        print(f"{stem} {name}: {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("series", "fit"):
        sys.exit(__doc__)
    if sys.argv[1] == "series":
        series(Path(sys.argv[2]), sys.argv[3:])
    else:
        fit(Path(sys.argv[2]))
