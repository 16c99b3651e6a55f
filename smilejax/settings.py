"""Every setting: frozen dataclasses, unit in the name, range checked at construction. No JAX in here.

Settings are hashable values: they are compared, printed, saved as JSON beside every result, and closed over by compiled
programs. What may vary between runs without changing a shape is an argument of `training.Run` instead.
"""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from smilejax.errors import SettingsError, listed

MAX_SEED = 2**32 - 1
"""JAX keys take a seed modulo 2**32, so that 2**32 would silently repeat 0; larger seeds are refused."""

Channel = Literal["fused", "left", "right", "mask"]
CHANNELS: tuple[Channel, ...] = ("fused", "left", "right", "mask")
Cell = Literal["lstm", "gru", "rnn"]
Optimizer = Literal["sgd", "adam", "adamw"]
Sentinel = Literal["nan", "0", "-1"]


def _require(ok: bool, name: str, rule: str, value: object, mend: str = "") -> None:
    if not ok:
        raise SettingsError(f"{name} must be {rule}; it is {value!r}.{' ' + mend if mend else ''}")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _require_number(
    settings: object,
    name: str,
    low: int | float,
    high: int | float = math.inf,
    *,
    open_low: bool = False,
    optional: bool = False,
) -> None:
    """Check that field `name` is a number in [low, high], or (low, high] with `open_low`, and hold it as a float."""
    value = getattr(settings, name)
    if value is None and optional:
        return
    ok = _number(value) and (value > low if open_low else value >= low) and value <= high
    edge = f"above {low:g}" if open_low else f"at least {low:g}"
    top = "" if high == math.inf else f" and at most {high:g}"
    _require(ok, name, f"a number {edge}{top}{' or None' if optional else ''}", value)
    _hold_float(settings, name)


def _hold_float(settings: object, name: str) -> None:
    """Hold a whole number as a float: 60 and 60.0 are to be written the same."""
    object.__setattr__(settings, name, float(getattr(settings, name)))


def _require_count(settings: object, name: str, low: int) -> None:
    value = getattr(settings, name)
    _require(
        isinstance(value, int) and not isinstance(value, bool) and value >= low,
        name,
        f"a whole number from {low} up",
        value,
    )


def _require_choice(settings: object, name: str, choices: tuple[str, ...], *, optional: bool = False) -> None:
    value = getattr(settings, name)
    ok = (isinstance(value, str) and value in choices) or (optional and value is None)
    _require(ok, name, f"one of {', '.join(choices)}{' or None' if optional else ''}", value)


def _hold_tuple(settings: object, name: str) -> None:
    """Hold a sequence as a tuple: a list would make the settings unhashable."""
    value = getattr(settings, name)
    _require(isinstance(value, list | tuple), name, "a tuple", value)
    object.__setattr__(settings, name, tuple(value))


def _hold_floats(settings: object, name: str) -> None:
    object.__setattr__(settings, name, tuple(float(value) for value in getattr(settings, name)))


def samples_in(duration_ms: float, rate_hz: float) -> int:
    """Samples that stand for a stretch of time: its length times the rate, halves rounded up. The one rounding rule."""
    return math.floor(duration_ms * rate_hz / 1000 + 0.5 + 1e-9)


def check_seed(seed: int) -> int:
    """The seed itself, if JAX can tell it from every other one: a whole number from 0 to 2**32 - 1."""
    ok = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= MAX_SEED
    _require(ok, "seed", f"a whole number from 0 to {MAX_SEED}", seed)
    return seed


@dataclass(frozen=True)
class ReadSettings:
    """How a file of recordings is to be read. What is left at None is recognised or inferred, and said."""

    classes: tuple[str, str] = ("posed", "genuine")
    """The two classes as the file writes them; the second is the positive one."""
    layout: Literal["tidy", "four-tables"] | None = None
    """tidy: one row per sample. four-tables: one table for each of left/right eye x the two classes."""
    participant: str | None = None
    """Name of the column with the observer."""
    trial: str | None = None
    """Name of the column with the trial."""
    time: str | None = None
    """Name of the column with the time."""
    left: str | None = None
    """Name of the column with the left pupil."""
    right: str | None = None
    """Name of the column with the right pupil."""
    label: str | None = None
    """Name of the column with the class."""
    stimulus: str | None = None
    """Name of the column with the stimulus."""
    smiler: str | None = None
    """Name of the column with the person seen in the stimulus."""
    time_unit: Literal["s", "ms", "us", "ns"] | None = None
    """Unit of the time column."""
    unit: Literal["mm", "au", "px"] | None = None
    """Unit of the pupil: mm, au (arbitrary) or px."""
    missing: tuple[float, ...] = ()
    """Numbers that mark a missing sample, besides empty cells, NaN, zero and negative ones."""
    rate_hz: float | None = None
    """Samples per second, where the file has no time."""
    orientation: Literal["column", "row"] | None = None
    """four-tables: whether a trial is a column or a row."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of numbers in text files."""
    sheet: str | None = None
    """Sheet of a workbook that holds a tidy table; the first one where not given."""

    def __post_init__(self) -> None:
        for name in ("classes", "missing"):
            _hold_tuple(self, name)
        names = self.classes
        ok = len(names) == 2 and all(isinstance(n, str) and n.strip() for n in names)
        ok = ok and names[0].strip().casefold() != names[1].strip().casefold()
        _require(ok, "classes", "two different words", names, "The second is the positive class.")
        _require_number(self, "rate_hz", 0, open_low=True, optional=True)
        for value in self.missing:
            _require(_number(value), "missing", "finite numbers", value)
        _hold_floats(self, "missing")
        _require_choice(self, "layout", ("tidy", "four-tables"), optional=True)
        _require_choice(self, "time_unit", ("s", "ms", "us", "ns"), optional=True)
        _require_choice(self, "unit", ("mm", "au", "px"), optional=True)
        _require_choice(self, "orientation", ("column", "row"), optional=True)
        _require_choice(self, "decimal", (".", ","))


@dataclass(frozen=True)
class SimulationSettings:
    """A study with known truth. Defaults are plausible for a 60 Hz desk-mounted tracker; see `smilejax.simulate`."""

    participants: int = 24
    """Number of observers."""
    smilers: int = 8
    """Number of people shown; each gives a genuine and a posed smile, so stimuli are twice as many."""
    rate_hz: float = 60.0
    """Samples per second."""
    duration_ms: float = 10_000.0
    """Length of a trial in ms."""
    effect_mm: float = 0.3
    """Peak of the extra dilation to a genuine smile in mm; 0 is the null."""
    effect_onset_ms: float = 1500.0
    """When the smile begins, in ms from the start of the trial."""
    effect_t_max_ms: float = 930.0
    """Time to peak of the response in ms (Hoeks & Levelt 1993)."""
    baseline_mm: float = 3.5
    """Mean resting pupil in mm."""
    baseline_sd_mm: float = 0.5
    """Spread of resting pupils between participants in mm."""
    gain_sd: float = 0.25
    """Spread (of the logarithm) of participants' responsiveness; scales reflex and effect alike."""
    reflex_mm: float = 0.4
    """Mean peak constriction to the onset of a stimulus in mm."""
    reflex_sd_mm: float = 0.1
    """Spread of the constriction between stimuli in mm."""
    drift_mm: float = 0.08
    """Standard deviation of slow drift (below 0.1 Hz) within a trial in mm."""
    hippus_mm: float = 0.06
    """Standard deviation of spontaneous fluctuation (0.1 to 2 Hz) in mm."""
    eye_offset_sd_mm: float = 0.15
    """Spread of the constant left-right difference between participants in mm."""
    noise_mm: float = 0.015
    """Standard deviation of measurement noise of one sample in mm."""
    blinks_per_minute: float = 12.0
    """Mean rate of blinks, which hide both eyes at once."""
    blink_ms: float = 150.0
    """Mean time the pupil is hidden in a blink, in ms, without the ramps."""
    losses_per_minute: float = 2.0
    """Mean rate of tracker losses of a single eye."""
    loss_ms: float = 400.0
    """Mean duration of a tracker loss in ms."""
    sentinel: Sentinel = "nan"
    """What stands in place of a missing sample."""

    def __post_init__(self) -> None:
        _require_count(self, "participants", 1)
        _require_count(self, "smilers", 1)
        # The upper ends are far outside any study; they keep simulated numbers finite in 32 bits.
        _require_number(self, "rate_hz", 0, 20_000, open_low=True)
        _require_number(self, "duration_ms", 0, 3_600_000, open_low=True)
        _require_number(self, "effect_mm", -10, 10)
        _require_number(self, "effect_onset_ms", 0, 3_600_000)
        _require_number(self, "effect_t_max_ms", 10, 60_000)
        _require_number(self, "baseline_mm", 2, 7)
        _require_number(self, "gain_sd", 0, 2)
        for name in (
            "baseline_sd_mm",
            "eye_offset_sd_mm",
            "reflex_mm",
            "reflex_sd_mm",
            "drift_mm",
            "hippus_mm",
            "noise_mm",
        ):
            _require_number(self, name, 0, 10)
        for name in ("blinks_per_minute", "losses_per_minute"):
            _require_number(self, name, 0, 120)
        for name in ("blink_ms", "loss_ms"):
            _require_number(self, name, 0, 60_000, open_low=True)
        _require_choice(self, "sentinel", ("nan", "0", "-1"))
        _require(self.n_samples >= 4, "duration_ms", "at least 4 samples long at rate_hz", self.duration_ms)

    @property
    def n_samples(self) -> int:
        """Samples in a trial."""
        return samples_in(self.duration_ms, self.rate_hz)


@dataclass(frozen=True)
class Recipe:
    """What is done to every trial, in this fixed order; no step looks at another trial.

    crop (`duration_ms`) -> mark missing and out of range (`range_mm`) -> fuse the eyes (`channels`) -> reject
    (`max_missing`) -> fill gaps (`max_gap_ms`) -> low-pass (`lowpass_hz`) -> resample (`resample_hz`) -> baseline
    (`baseline_ms`) -> channels. None leaves a step out.
    """

    duration_ms: float | None = None
    """Crop or pad trials to this length in ms; None takes the longest trial."""
    range_mm: tuple[float, float] | None = (1.5, 9.0)
    """Plausible pupil in mm, ends included; samples outside are missing (Kret & Sjak-Shie 2019). Only where the unit is mm."""
    max_missing: float = 0.5
    """Reject a trial with more than this share missing before filling, 0 to 1 (published limits: .20 to .75)."""
    max_gap_ms: float = 250.0
    """Fill gaps up to this length in ms, linearly (Kret & Sjak-Shie 2019: 250); inf fills all."""
    lowpass_hz: float | None = 4.0
    """Cut-off of the zero-phase Butterworth low-pass in Hz (Kret & Sjak-Shie 2019: 4)."""
    lowpass_order: int = 4
    """Order of the low-pass (Kret & Sjak-Shie 2019: 4)."""
    resample_hz: float | None = 20.0
    """Rate of what the model sees, in Hz (pupil responses end below 4 Hz); None keeps the recording's."""
    baseline_ms: float | None = 200.0
    """Subtract the mean of the first this many ms (the light reflex starts after about 200 ms); None leaves the level."""
    channels: tuple[Channel, ...] = ("fused", "mask")
    """What the model sees at each step: fused (mean of the eyes), left, right, mask (1 where measured, 0 where not)."""

    def __post_init__(self) -> None:
        for name in ("duration_ms", "lowpass_hz", "resample_hz", "baseline_ms"):
            _require_number(self, name, 0, open_low=True, optional=True)
        if self.range_mm is not None:
            _hold_tuple(self, "range_mm")
            ok = len(self.range_mm) == 2 and all(_number(end) for end in self.range_mm)
            ok = ok and 0 <= self.range_mm[0] < self.range_mm[1]
            _require(ok, "range_mm", "two numbers, 0 <= low < high", self.range_mm)
            _hold_floats(self, "range_mm")
        _require_number(self, "max_missing", 0, 1)
        ok = self.max_gap_ms == math.inf or (_number(self.max_gap_ms) and self.max_gap_ms >= 0)
        _require(ok, "max_gap_ms", "a number from 0 up, or inf", self.max_gap_ms)
        _hold_float(self, "max_gap_ms")
        _require_count(self, "lowpass_order", 1)
        _require(self.lowpass_order <= 8, "lowpass_order", "at most 8", self.lowpass_order)
        _hold_tuple(self, "channels")
        ok = (
            len(self.channels) > 0
            and len(set(self.channels)) == len(self.channels)
            and set(self.channels) <= set(CHANNELS)
        )
        _require(ok, "channels", f"different ones of {listed(CHANNELS)}", self.channels)
        if self.duration_ms is not None and self.baseline_ms is not None:
            ok = self.baseline_ms <= self.duration_ms
            _require(ok, "baseline_ms", f"inside the trial of {self.duration_ms:g} ms", self.baseline_ms)

    @classmethod
    def report(cls) -> "Recipe":
        """What the project report did: missing values filled from their neighbours without limit, eyes averaged, no more."""
        return cls(
            range_mm=None,
            max_missing=1.0,
            max_gap_ms=math.inf,
            lowpass_hz=None,
            resample_hz=None,
            baseline_ms=None,
            channels=("fused",),
        )


@dataclass(frozen=True)
class ModelSettings:
    """The network of the project report, with its sizes settable."""

    cell: Cell = "lstm"
    """Recurrent cell: lstm, gru, or rnn (plain, tanh)."""
    hidden: int = 10
    """Hidden units of the cell."""
    dense: tuple[int, int] = (200, 20)
    """Sizes of the two hidden dense layers."""
    dropout: float = 0.5
    """Share of dense units dropped while training, 0 to below 1 (PyTorch's default is .5)."""

    def __post_init__(self) -> None:
        _require_choice(self, "cell", ("lstm", "gru", "rnn"))
        _hold_tuple(self, "dense")
        _require_count(self, "hidden", 1)
        _require(
            len(self.dense) == 2 and all(type(d) is int and d >= 1 for d in self.dense),
            "dense",
            "two whole numbers from 1 up",
            self.dense,
        )
        _require(_number(self.dropout) and 0 <= self.dropout < 1, "dropout", "at least 0 and below 1", self.dropout)
        _hold_float(self, "dropout")


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
    batch: int = 16
    """Trials per step."""
    class_weights: Literal["none", "balanced"] | tuple[float, float] = "none"
    """Weight of each class in the loss: none, balanced (inverse to its share of training trials), or two numbers."""
    scale: bool = True
    """Whether channels are scaled to mean 0 and standard deviation 1 over the training trials."""

    def __post_init__(self) -> None:
        _require(isinstance(self.model, ModelSettings), "model", "a ModelSettings", self.model)
        _require_choice(self, "optimizer", ("sgd", "adam", "adamw"))
        _require_number(self, "learning_rate", 0, open_low=True)
        _require(_number(self.momentum) and 0 <= self.momentum < 1, "momentum", "at least 0 and below 1", self.momentum)
        _hold_float(self, "momentum")
        _require_number(self, "weight_decay", 0)
        _require_count(self, "epochs", 1)
        _require_count(self, "batch", 1)
        _require(
            self.momentum == 0 or self.optimizer == "sgd", "momentum", "0 unless the optimizer is sgd", self.momentum
        )
        _require(
            self.weight_decay == 0 or self.optimizer == "adamw",
            "weight_decay",
            "0 unless the optimizer is adamw",
            self.weight_decay,
        )
        if isinstance(self.class_weights, list):
            _hold_tuple(self, "class_weights")
        weights = self.class_weights
        pair = isinstance(weights, tuple) and len(weights) == 2 and all(_number(w) and w > 0 for w in weights)
        _require(
            pair or weights in ("none", "balanced"), "class_weights", "none, balanced, or two numbers above 0", weights
        )
        if pair:
            _hold_floats(self, "class_weights")
        _require(isinstance(self.scale, bool), "scale", "True or False", self.scale)

    @classmethod
    def report(cls) -> "TrainingSettings":
        """The project report's: plain SGD, learning rate 0.001, 10 epochs, one sequence at a time, no scaling."""
        return cls(optimizer="sgd", learning_rate=0.001, epochs=10, batch=1, scale=False)


S = TypeVar("S", ReadSettings, SimulationSettings, Recipe, ModelSettings, TrainingSettings)


def to_json(settings: Any) -> dict[str, Any]:
    """A settings value as plain JSON: infinity as the text `inf`, tuples as lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [plain(v) for v in value]
        return "inf" if value == math.inf else value

    return {k: plain(v) for k, v in dataclasses.asdict(settings).items()}


def from_json(cls: type[S], data: dict[str, Any]) -> S:
    """The settings value that `to_json` wrote. Raises `SettingsError` on unknown or missing names."""
    if not isinstance(data, dict):
        raise SettingsError(f"{cls.__name__} must be written as a JSON object; it is {data!r}.")
    types = {f.name: f.type for f in dataclasses.fields(cls)}
    if unknown := set(data) - set(types):
        raise SettingsError(f"{cls.__name__} has no setting named {listed(sorted(unknown))}.")
    if absent := set(types) - set(data):
        raise SettingsError(f"{cls.__name__} lacks {listed(sorted(absent))}.")

    def rich(name: str, value: Any) -> Any:
        if types[name] is ModelSettings:
            return from_json(ModelSettings, value)
        if isinstance(value, list):
            return tuple(value)
        # Only a number can have been infinite; a column may well be called `inf`.
        return math.inf if value == "inf" and types[name] is float else value

    return cls(**{k: rich(k, v) for k, v in data.items()})
