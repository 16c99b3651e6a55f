"""The network and one training of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Literal

from smilejax.settings.checks import (
    hold_float,
    hold_floats,
    hold_tuple,
    is_number,
    require,
    require_choice,
    require_count,
    require_number,
)

LARGEST = 1e38
"""About the largest number of 32 bits, in which trainings are done."""
RECURRENT = "recurrent"
"""The name of the report's network."""
NETWORKS_OF_PICTURES = ("cnn", "convlstm")
"""Networks that are given crops of faces, and not measures of them."""
BUILT_IN = (RECURRENT, *NETWORKS_OF_PICTURES)
"""Networks of the package."""
Cell = Literal["lstm", "gru", "rnn"]
"""Recurrent cells; rnn is the plain recurrence with tanh."""
Optimizer = Literal["sgd", "adam", "adamw"]
"""Optimisers; sgd may have momentum, adamw has decoupled weight decay."""


@dataclass(frozen=True)
class ModelSettings:
    """The network: the project report's with its sizes settable, by default given velocities, and means over time."""

    network: str = RECURRENT
    """Network by name: recurrent (the project report's), or one that `smilejax.register_network` made known. Of crops of faces:
    cnn (convolutions of each frame, means over frames) or convlstm (a convolutional LSTM over the frames of a clip)."""
    cell: Cell = "lstm"
    """Recurrent cell: lstm, gru, or rnn (plain, tanh)."""
    hidden: int = 10
    """Hidden units of the cell; of cnn and convlstm the filters of the first convolution."""
    dense: tuple[int, int] = (200, 20)
    """Sizes of the two hidden dense layers."""
    velocity_steps: int = 5
    """Steps on either side whose means are subtracted, so that the network is given the velocity of the pupil (at the default
    10 Hz over half a second); 0 gives it the samples, as in the project report."""
    pool_steps: int = 10
    """Steps over which hidden states are averaged before the dense layers; 1 for none, as in the project report."""
    dropout: float = 0.5
    """Proportion of dense units dropped while training, 0 to below 1 (PyTorch's default is .5)."""

    younger: ClassVar[Mapping[str, object]] = MappingProxyType({"velocity_steps": 0, "pool_steps": 1})
    """Settings that are younger than some stored files, and what was done before there were any: networks were given
    samples, all of whose hidden states went to the dense layers."""

    def __post_init__(self) -> None:
        require(
            isinstance(self.network, str) and re.fullmatch(r"[A-Za-z0-9_.-]+", self.network) is not None,
            "network",
            "a name of letters, digits, _, - and .",
            self.network,
        )
        require_choice(self, "cell", ("lstm", "gru", "rnn"))
        hold_tuple(self, "dense")
        require_count(self, "hidden", 1)
        require_count(self, "velocity_steps", 0)
        require_count(self, "pool_steps", 1)
        require(
            len(self.dense) == 2 and all(type(d) is int and d >= 1 for d in self.dense),
            "dense",
            "two whole numbers from 1 up",
            self.dense,
        )
        require(is_number(self.dropout) and 0 <= self.dropout < 1, "dropout", "at least 0 and below 1", self.dropout)
        hold_float(self, "dropout")

    @classmethod
    def report(cls) -> "ModelSettings":
        """The project report's: an LSTM given the samples, all of whose hidden states go to the dense layers."""
        return cls(velocity_steps=0, pool_steps=1)

    @classmethod
    def faces(cls) -> "ModelSettings":
        """For faces: given the measures themselves, with means over half a second at the default 10 Hz. Not tuned on faces."""
        return cls(velocity_steps=0, pool_steps=5)

    @classmethod
    def crops(cls) -> "ModelSettings":
        """For crops of faces: a small convolutional network. Its sizes are ours, and not tuned on faces."""
        return cls(network="cnn", hidden=8, dense=(64, 16), velocity_steps=0, pool_steps=1)

    @property
    def of_pictures(self) -> bool:
        """Whether the network is given crops of faces, and not measures of them."""
        return self.network in NETWORKS_OF_PICTURES


@dataclass(frozen=True)
class TrainingSettings:
    """One training: the model, the optimiser and how long."""

    model: ModelSettings = field(default_factory=ModelSettings)
    optimizer: Optimizer = "adam"
    """sgd (the report's; with `momentum`), adam or adamw (with `weight_decay`)."""
    learning_rate: float = 0.003
    """Step size."""
    momentum: float = 0.0
    """Momentum of sgd, 0 to below 1."""
    weight_decay: float = 0.0
    """Decoupled weight decay of adamw."""
    epochs: int = 40
    """Passes over the training trials."""
    minibatch_size: int = 16
    """Trials per step."""
    class_weights: Literal["none", "balanced"] | tuple[float, float] = "none"
    """Weight of each class in the loss: none, balanced (inverse to its proportion of the training trials), or two numbers."""
    standardise: bool = True
    """Whether channels are standardised: mean 0 and standard deviation 1 over the training trials."""
    truncate_from: float = 1.0
    """Proportion of the trial's steps, above 0 to 1: each time a trial trains, it ends at a step drawn at random between this
    one and its last, so that the network meets trials that are not over, as a stream gives them. 1 leaves trials whole."""
    mirror: bool = False
    """Of crops of faces: half of the training trials of each step, drawn anew, are mirrored, left for right."""

    younger: ClassVar[Mapping[str, object]] = MappingProxyType({"mirror": False, "truncate_from": 1.0})
    """Settings that are younger than some stored files, and what was done before there were any: nothing was mirrored or cut
    short."""

    def __post_init__(self) -> None:
        require(isinstance(self.model, ModelSettings), "model", "a ModelSettings", self.model)
        require_choice(self, "optimizer", ("sgd", "adam", "adamw"))
        require_number(self, "learning_rate", 0, LARGEST, open_low=True)
        require(
            is_number(self.momentum) and 0 <= self.momentum < 1, "momentum", "at least 0 and below 1", self.momentum
        )
        hold_float(self, "momentum")
        require_number(self, "weight_decay", 0, LARGEST)
        require_count(self, "epochs", 1)
        require_count(self, "minibatch_size", 1)
        require(
            self.momentum == 0 or self.optimizer == "sgd", "momentum", "0 unless the optimizer is sgd", self.momentum
        )
        require(
            self.weight_decay == 0 or self.optimizer == "adamw",
            "weight_decay",
            "0 unless the optimizer is adamw",
            self.weight_decay,
        )
        if isinstance(self.class_weights, list):
            hold_tuple(self, "class_weights")
        weights = self.class_weights
        pair = isinstance(weights, tuple) and len(weights) == 2 and all(is_number(w) and w > 0 for w in weights)
        require(
            pair or weights in ("none", "balanced"), "class_weights", "none, balanced, or two numbers above 0", weights
        )
        if pair:
            hold_floats(self, "class_weights")
        require(isinstance(self.standardise, bool), "standardise", "True or False", self.standardise)
        require_number(self, "truncate_from", 0, 1, open_low=True)
        require(isinstance(self.mirror, bool), "mirror", "True or False", self.mirror)
        require(
            not self.mirror or self.model.of_pictures,
            "mirror",
            f"False unless the network is given crops of faces ({' or '.join(NETWORKS_OF_PICTURES)})",
            self.mirror,
        )

    @classmethod
    def faces(cls) -> "TrainingSettings":
        """For faces: the network of `ModelSettings.faces`, trained as on pupils. Not tuned on faces."""
        return cls(model=ModelSettings.faces())

    @classmethod
    def crops(cls) -> "TrainingSettings":
        """For crops of faces: the network of `ModelSettings.crops`, with mirrored crops. Not tuned on faces."""
        return cls(model=ModelSettings.crops(), learning_rate=0.001, epochs=30, mirror=True)

    @classmethod
    def report(cls) -> "TrainingSettings":
        """The project report's: its network, plain SGD, rate 0.001, 10 epochs, one sequence a step, not standardised."""
        return cls(
            model=ModelSettings.report(),
            optimizer="sgd",
            learning_rate=0.001,
            epochs=10,
            minibatch_size=1,
            standardise=False,
        )
