"""Weights to and from the report's PyTorch model: modules `lstm` (or `gru`, `rnn`), `fc1`, `fc2`, `fc3`.

PyTorch itself is not needed: a state dict is a mapping of names to arrays. The PyTorch model takes one sequence at a time
through `nn.LSTM(C, H, batch_first=True)`, flattens the outputs of all steps, time first, and continues as the network of
`smilejax.models.network`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from smilejax._util.errors import SettingsError, listed
from smilejax._util.nested import flattened
from smilejax.models.network import Params, Variables, check_variables
from smilejax.models.recurrent_cells import CELLS
from smilejax.settings import ModelSettings
from smilejax.settings.training_settings import RECURRENT

_RECURRENT = (("w_ih", "weight_ih_l0"), ("w_hh", "weight_hh_l0"), ("b_ih", "bias_ih_l0"), ("b_hh", "bias_hh_l0"))


class FromTorch(NamedTuple):
    """What a PyTorch model is here."""

    variables: Variables
    """Its weights, with a standardisation that changes nothing."""
    model: ModelSettings
    """Its cell and sizes. Dropout has no weights: it is given as 0."""


def from_torch(state_dict: Mapping[str, object]) -> FromTorch:
    """The report's PyTorch model as variables and settings; the cell is read from the names, sizes from the shapes.

    Arguments:
        state_dict: `model.state_dict()`, or the same as NumPy arrays.

    Returns:
        Variables, for `logits` and as the start of a training, and the settings of their network.

    Raises:
        SettingsError: names or shapes are not those of the report's model, with what was found.

    Example:
        >>> variables, settings = smilejax.from_torch(model.state_dict())   # doctest: +SKIP
        >>> smilejax.logits(variables, x, model=settings)                   # doctest: +SKIP
    """
    arrays = {name: _array(value) for name, value in state_dict.items()}
    kind = next((k for k in CELLS if f"{k}.weight_hh_l0" in arrays), None)
    names = [f"{kind or 'lstm'}.{theirs}" for _, theirs in _RECURRENT]
    names += [f"fc{i}.{part}" for i in (1, 2, 3) for part in ("weight", "bias")]
    if kind is None or set(arrays) != set(names):
        raise SettingsError(
            f"state_dict must hold {listed(names, 99)}; it lacks {listed(sorted(set(names) - set(arrays)), 99) or 'nothing'} "
            f"and has besides {listed(sorted(set(arrays) - set(names)), 99) or 'nothing'}. "
            "Only one recurrent layer in one direction is the report's model."
        )
    _check_shapes(kind, arrays)
    cell = {ours: jnp.asarray(arrays[f"{kind}.{theirs}"].T) for ours, theirs in _RECURRENT}
    params: Params = {"recurrent": {"cell": cell}}
    for i in (1, 2, 3):
        weight, bias = arrays[f"fc{i}.weight"], arrays[f"fc{i}.bias"]
        params[f"fc{i}"] = {"kernel": jnp.asarray(weight.T), "bias": jnp.asarray(bias)}
    channels, hidden = cell["w_ih"].shape[0], cell["w_hh"].shape[0]
    dense = (arrays["fc1.bias"].shape[0], arrays["fc2.bias"].shape[0])
    settings = replace(ModelSettings.report(), cell=kind, hidden=hidden, dense=dense, dropout=0.0)  # type: ignore[arg-type]
    standardisation = {"mean": jnp.zeros(channels), "sd": jnp.ones(channels)}
    return FromTorch({"params": params, "standardisation": standardisation}, settings)  # type: ignore[typeddict-item]


_CELL = "recurrent/cell/"
"""Where the cell's weights stand in the network's parameters."""


def to_torch(variables: Variables, model: ModelSettings | None = None) -> dict[str, np.ndarray]:
    """The state dict of the PyTorch model that gives the same logits on raw input, as NumPy arrays.

    The standardisation is folded into the input weights. Turn each array into a tensor with `torch.from_numpy` for
    `load_state_dict`. PyTorch's model knows no mask: feed it trials whose every step is valid.

    Arguments:
        variables: from `train`, `load_model` or `from_torch`.
        model: the network that they belong to; None means the default `ModelSettings()`.

    Raises:
        SettingsError: the variables are not of that network, or the network is not the report's.
    """
    model = model or ModelSettings()
    _check_recurrent(variables, model)
    kind = model.cell
    p = {name: np.asarray(value, np.float32) for name, value in flattened(variables["params"]).items()}
    cell = {name.removeprefix(_CELL): value for name, value in p.items() if name.startswith(_CELL)}
    mean, sd = (np.asarray(variables["standardisation"][k], np.float32) for k in ("mean", "sd"))  # type: ignore[literal-required]
    cell["b_ih"] = (cell["b_ih"] - (mean / sd) @ cell["w_ih"]).astype(np.float32)
    cell["w_ih"] = cell["w_ih"] / sd[:, None]
    out = {f"{kind}.{theirs}": np.ascontiguousarray(cell[ours].T) for ours, theirs in _RECURRENT}
    for i in (1, 2, 3):
        out[f"fc{i}.weight"] = np.ascontiguousarray(p[f"fc{i}/kernel"].T)
        out[f"fc{i}.bias"] = np.array(p[f"fc{i}/bias"])
    return out


def _check_recurrent(variables: Variables, model: ModelSettings) -> None:
    if model.network != RECURRENT:
        raise SettingsError(f"only the network {RECURRENT} has a PyTorch counterpart; this one is {model.network}.")
    if model.velocity_steps or model.pool_steps != 1:
        raise SettingsError(
            "only a network given samples, without means over time, has a PyTorch counterpart (velocity_steps 0, "
            f"pool_steps 1); this one has velocity_steps {model.velocity_steps} and pool_steps {model.pool_steps}.",
            hint="Train it with ModelSettings.report(), its sizes changed as you like.",
        )
    try:
        shapes = {name: np.asarray(value).shape for name, value in flattened(variables["params"]).items()}
        samples, channels = shapes["fc1/kernel"][0] // model.hidden, shapes[f"{_CELL}w_ih"][0]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise SettingsError(
            "variables must be {'params': {'recurrent', 'fc1', 'fc2', 'fc3'}, 'standardisation': {'mean', 'sd'}}. Take them "
            "from train, load_model or from_torch."
        ) from error
    check_variables(variables, model, samples=samples, channels=channels, what="variables")


def _array(value: object) -> np.ndarray:
    """A tensor (wherever it lives, gradient or not) or array as float32 on the host."""
    for step in ("detach", "cpu", "numpy"):
        value = getattr(value, step)() if hasattr(value, step) else value
    return np.asarray(value, np.float32)


def _check_shapes(kind: str, arrays: dict[str, np.ndarray]) -> None:
    width, hidden = arrays[f"{kind}.weight_hh_l0"].shape
    channels = arrays[f"{kind}.weight_ih_l0"].shape[-1]
    first, flat = arrays["fc1.weight"].shape
    second = arrays["fc2.weight"].shape[0]
    expected = {
        f"{kind}.weight_hh_l0": (CELLS[kind].gates * hidden, hidden),
        f"{kind}.weight_ih_l0": (width, channels),
        f"{kind}.bias_ih_l0": (width,),
        f"{kind}.bias_hh_l0": (width,),
        "fc1.weight": (first, hidden * max(1, flat // hidden)),
        "fc1.bias": (first,),
        "fc2.weight": (second, first),
        "fc2.bias": (second,),
        "fc3.weight": (2, second),
        "fc3.bias": (2,),
    }
    for name, shape in expected.items():
        if arrays[name].shape != shape:
            raise SettingsError(
                f"{name} must be shaped {list(shape)} to fit the others; it is {list(arrays[name].shape)}."
            )
