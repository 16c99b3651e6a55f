"""Weights to and from the report's PyTorch model: modules `lstm` (or `gru`, `rnn`), `fc1`, `fc2`, `fc3`.

PyTorch itself is not needed: a state dict is a mapping of names to arrays. The PyTorch model takes one sequence at a time
through `nn.LSTM(C, H, batch_first=True)`, flattens the outputs of all steps, time first, and goes on as `smilejax.models.network`.
"""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from smilejax._util.errors import SettingsError, listed
from smilejax.models.network import Variables, settings_of

_RECURRENT = (("w_ih", "weight_ih_l0"), ("w_hh", "weight_hh_l0"), ("b_ih", "bias_ih_l0"), ("b_hh", "bias_hh_l0"))
_GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def from_torch(state_dict: Mapping[str, Any]) -> Variables:
    """Variables with the weights of the report's PyTorch model; sizes are read from the weights.

    Arguments:
        state_dict: `model.state_dict()`, or the same as NumPy arrays.

    Returns:
        Variables for `logits`, with a scaling that changes nothing.

    Raises:
        SettingsError: names or shapes are not those of the report's model, with what was found.

    Example:
        >>> variables = smilejax.from_torch(model.state_dict())     # doctest: +SKIP
        >>> smilejax.logits(variables, x)                           # doctest: +SKIP
    """
    arrays = {name: _array(value) for name, value in state_dict.items()}
    kind = next((k for k in _GATES if f"{k}.weight_hh_l0" in arrays), None)
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
    params: dict[str, Any] = {"recurrent": {"cell": cell}}
    for i in (1, 2, 3):
        weight, bias = arrays[f"fc{i}.weight"], arrays[f"fc{i}.bias"]
        params[f"fc{i}"] = {"kernel": jnp.asarray(weight.T), "bias": jnp.asarray(bias)}
    channels = cell["w_ih"].shape[0]
    return {"params": params, "scaling": {"mean": jnp.zeros(channels), "sd": jnp.ones(channels)}}


def to_torch(params: Variables) -> dict[str, np.ndarray]:
    """The state dict of the PyTorch model that gives the same logits on raw input, as NumPy arrays.

    The scaling is folded into the input weights. Turn each array into a tensor with `torch.from_numpy` for
    `load_state_dict`. PyTorch's model knows no mask: feed it trials whose every step is valid.

    Raises:
        SettingsError: these are no variables of a smilejax model.
    """
    kind = settings_of(params).cell
    p = params["params"]
    cell = {name: np.asarray(value, np.float32) for name, value in p["recurrent"]["cell"].items()}
    mean, sd = (np.asarray(params["scaling"][k], np.float32) for k in ("mean", "sd"))
    cell["b_ih"] = (cell["b_ih"] - (mean / sd) @ cell["w_ih"]).astype(np.float32)
    cell["w_ih"] = cell["w_ih"] / sd[:, None]
    out = {f"{kind}.{theirs}": np.ascontiguousarray(cell[ours].T) for ours, theirs in _RECURRENT}
    for i in (1, 2, 3):
        out[f"fc{i}.weight"] = np.ascontiguousarray(np.asarray(p[f"fc{i}"]["kernel"], np.float32).T)
        out[f"fc{i}.bias"] = np.array(p[f"fc{i}"]["bias"], np.float32)
    return out


def _array(value: Any) -> np.ndarray:
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
        f"{kind}.weight_hh_l0": (_GATES[kind] * hidden, hidden),
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
