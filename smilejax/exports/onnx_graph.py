"""The network as a graph of ONNX operators: what `smilejax.models.network.Network.apply` computes, then probabilities.

The recurrent layer is one native node. A network of smilejax holds its state over steps that are not valid and gives 0 there;
ONNX's layers know no such steps, so the valid steps are moved to the front, the layer runs over so many of them
(`sequence_lens`), and its outputs are moved back.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from smilejax.exports.network_facts import OUTPUT, NetworkFacts
from smilejax.settings import ModelSettings
from smilejax.settings.training_settings import Cell

if TYPE_CHECKING:
    import onnx

    from smilejax.models.network import Variables

OPSET = 17
"""Version of the operators. Runtimes from 2022 on have it (ONNX Runtime 1.12)."""
IR_VERSION = 8
"""Version of the file's layout, of the same time."""
GATES: dict[Cell, tuple[str, tuple[int, ...]]] = {
    "lstm": ("LSTM", (0, 3, 1, 2)),
    "gru": ("GRU", (1, 0, 2)),
    "rnn": ("RNN", (0,)),
}
"""ONNX's node for each cell, and which of smilejax's gates stand where in it. Of an LSTM ours are input, forget, cell, output,
and ONNX's input, output, forget, cell; of a GRU ours are reset, update, new, and ONNX's update, reset, hidden."""
Array = npt.NDArray[np.generic]


class GraphParts:
    """Nodes and constants of a graph as they are added, each value under a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: npt.ArrayLike, kind: npt.DTypeLike = np.float32) -> str:
        """The name of a new constant."""
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(values, kind, order="C"), name))
        return name

    def integers(self, *values: int) -> str:
        """The name of a new constant of whole numbers, as shapes and axes are."""
        return self.constant(values, np.int64)

    def node(self, operator: str, *inputs: str, output: str = "", **attributes: int | Sequence[int]) -> str:
        """The name of what a new node gives."""
        from onnx import helper

        name = output or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name


def onnx_graph(facts: NetworkFacts) -> "onnx.GraphProto":
    """The graph of a model: from `x` and `valid` to `probability`.

    Arguments:
        facts: of networks of smilejax's own, whose layers are known.
    """
    from onnx import TensorProto, helper

    model, g = facts.predictor.settings.model, GraphParts()
    steps, channels = facts.steps, len(facts.channels)
    x, valid = _network_input(g, model.velocity_steps, steps, channels)
    order, count, places = _valid_first(g, valid, steps)
    probabilities = []
    for variables in facts.members:
        values = _standardised(g, x, valid, variables)
        hidden = _over_time(
            g, values, order, count, places, valid, _part(variables["params"], "recurrent", "cell"), model
        )
        logits = _dense_layers(g, _pooled(g, hidden, steps, model), variables["params"], len(model.dense) + 1)
        scaled = g.node("Div", logits, g.constant(facts.predictor.temperature))
        probabilities.append(g.node("Softmax", scaled, axis=-1))
    mean = g.node("Mean", *probabilities)
    # What nobody measured has no answer: a network would give one all the same.
    measured = g.node("ReduceSum", g.node("Cast", "valid", to=6), g.integers(1), keepdims=1)
    known = g.node("Greater", measured, g.constant(0, np.int32))
    g.node("Where", known, mean, g.constant(np.nan), output=OUTPUT)
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["trials", steps, channels]),
        helper.make_tensor_value_info("valid", TensorProto.BOOL, ["trials", steps]),
    ]
    outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["trials", 2])]
    return helper.make_graph(g.nodes, "smilejax", inputs, outputs, g.constants)


def _network_input(g: GraphParts, velocity_steps: int, steps: int, channels: int) -> tuple[str, str]:
    """As `smilejax.models.network_input`: what the network is given `[N, T, C]`, and where it is valid `[N, T]`."""
    there = g.node("Unsqueeze", "valid", g.integers(2))
    x = g.node("Where", there, "x", g.constant(0))
    if not velocity_steps:
        return x, "valid"
    count = g.node("Cast", there, to=1)
    (after, n_after), (before, n_before) = (
        tuple(
            _window_sum(g, values, velocity_steps, steps, width, ahead=ahead)
            for values, width in ((x, channels), (count, 1))
        )
        for ahead in (True, False)
    )
    one, none = g.constant(1), g.constant(0)
    known = g.node("And", g.node("Greater", n_after, none), g.node("Greater", n_before, none))
    means = [g.node("Div", total, g.node("Max", n, one)) for total, n in ((after, n_after), (before, n_before))]
    velocity = g.node("Where", known, g.node("Sub", *means), none)
    return velocity, g.node("Squeeze", known, g.integers(2))


def _window_sum(g: GraphParts, values: str, span: int, steps: int, width: int, *, ahead: bool) -> str:
    """Sums over the next steps, this one included, or over as many before it; outside a trial is nothing."""
    turned = g.node("Transpose", values, perm=[0, 2, 1])
    pads = (0, 0, 0, 0, 0, span - 1) if ahead else (0, 0, span, 0, 0, 0)
    padded = g.node("Pad", turned, g.integers(*pads))
    ones = g.constant(np.ones((width, 1, span)))
    sums = g.node("Conv", padded, ones, group=width, kernel_shape=[span])
    if not ahead:  # one more than there are steps: the last looks back from behind the trial
        sums = g.node("Slice", sums, g.integers(0), g.integers(steps), g.integers(2))
    return g.node("Transpose", sums, perm=[0, 2, 1])


def _valid_first(g: GraphParts, valid: str, steps: int) -> tuple[str, str, str]:
    """The order that has valid steps first `[N, T]`, how many they are `[N]`, and where in it each step stands `[N, T]`."""
    late = g.constant(-np.arange(steps), np.int64)
    early = g.constant(2 * steps - np.arange(steps), np.int64)
    rank = g.node("Where", valid, early, late)
    from onnx import helper

    g.nodes.append(helper.make_node("TopK", [rank, g.integers(steps)], ["ranked", "order"], name="order"))
    whole = g.node("Cast", valid, to=6)  # int32, as `sequence_lens` is
    count = g.node("ReduceSum", whole, g.integers(1), keepdims=0)
    counted = g.node("CumSum", g.node("Cast", valid, to=7), g.constant(1, np.int64))
    place = g.node("Max", g.node("Sub", counted, g.constant(1, np.int64)), g.constant(0, np.int64))
    return "order", count, place


def _standardised(g: GraphParts, x: str, valid: str, variables: "Variables") -> str:
    """Each channel less its mean and by its standard deviation over the training trials; 0 where not valid."""
    mean, sd = variables["standardisation"]["mean"], variables["standardisation"]["sd"]
    values = g.node("Div", g.node("Sub", x, g.constant(np.asarray(mean))), g.constant(np.asarray(sd)))
    return g.node("Where", g.node("Unsqueeze", valid, g.integers(2)), values, g.constant(0))


def _over_time(
    g: GraphParts,
    x: str,
    order: str,
    count: str,
    places: str,
    valid: str,
    cell: Mapping[str, Array],
    model: ModelSettings,
) -> str:
    """Hidden states `[N, T, H]`, 0 at steps that are not valid."""
    operator, gates = GATES[model.cell]
    w_ih, w_hh, b_ih, b_hh = (_in_order(np.asarray(cell[name]), gates) for name in ("w_ih", "w_hh", "b_ih", "b_hh"))
    front = _gathered(g, x, order, w_ih.shape[1])
    weights = (g.constant(w_ih[None]), g.constant(w_hh[None]), g.constant(np.concatenate([b_ih, b_hh])[None]))
    by_step = g.node("Transpose", front, perm=[1, 0, 2])
    given, size = (by_step, *weights, count), model.hidden
    if model.cell == "gru":  # the reset gate multiplies the recurrent part, as in PyTorch
        hidden = g.node(operator, *given, hidden_size=size, linear_before_reset=1)
    else:
        hidden = g.node(operator, *given, hidden_size=size)
    by_trial = g.node("Transpose", g.node("Squeeze", hidden, g.integers(1)), perm=[1, 0, 2])
    back = _gathered(g, by_trial, places, model.hidden)
    return g.node("Where", g.node("Unsqueeze", valid, g.integers(2)), back, g.constant(0))


def _gathered(g: GraphParts, values: str, at: str, width: int) -> str:
    """Steps of `[N, T, W]` in another order, `[N, T]`."""
    every = g.node("Unsqueeze", at, g.integers(2))
    shape = g.node("Concat", g.node("Shape", at), g.integers(width), axis=0)
    return g.node("GatherElements", values, g.node("Expand", every, shape), axis=1)


def _in_order(weights: Array, gates: Sequence[int]) -> Array:
    """Weights `[..., gates * H]` as ONNX has them: gates first, `[gates * H, ...]`, in its order."""
    parts = np.split(weights, len(gates), axis=-1)
    return np.concatenate([parts[gate] for gate in gates], axis=-1).T


def _pooled(g: GraphParts, hidden: str, steps: int, model: ModelSettings) -> str:
    """Means over `pool_steps`, flat: `[N, P * H]`. What lacks of the last ones counts as 0."""
    parts = -(-steps // model.pool_steps)
    if model.pool_steps > 1:
        lacking = parts * model.pool_steps - steps
        hidden = g.node("Pad", hidden, g.integers(0, 0, 0, 0, lacking, 0))
        hidden = g.node("Reshape", hidden, g.integers(-1, parts, model.pool_steps, model.hidden))
        hidden = g.node("ReduceMean", hidden, axes=[2], keepdims=0)
    return g.node("Reshape", hidden, g.integers(-1, parts * model.hidden))


def _dense_layers(g: GraphParts, values: str, params: Mapping[str, object], layers: int) -> str:
    """Logits `[N, 2]`."""
    for layer in range(1, layers + 1):
        dense = _part(params, f"fc{layer}")
        values = g.node("Gemm", values, g.constant(dense["kernel"]), g.constant(dense["bias"]))
        if layer < layers:
            values = g.node("Sigmoid", values)
    return values


def _part(params: Mapping[str, object], *names: str) -> Mapping[str, Array]:
    """The arrays of a layer, by the names that lead to it."""
    found: object = params
    for name in names:
        assert isinstance(found, Mapping)
        found = found[name]
    assert isinstance(found, Mapping)
    return found
