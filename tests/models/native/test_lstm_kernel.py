"""The native LSTM equals the scan that defines it, in values and gradients, whatever the shapes, masks and axes of vmap."""

import importlib
import subprocess
import sys
import warnings
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax import ModelSettings
from smilejax.models.native import lstm_kernel
from smilejax.models.network import Network, RecurrentNetwork, network_of

pytestmark = pytest.mark.skipif(lstm_kernel._lstm is None, reason="the native kernel was not built here")

SHAPES = [(1, 1, 1, 1), (1, 30, 1, 10), (4, 17, 1, 10), (16, 25, 2, 10), (7, 9, 3, 5), (6, 11, 2, 17), (3, 8, 1, 32)]
"""B, T, C, H: fewer, as many and more sequences than go side by side, units below and above a whole vector."""


def _given(shape: tuple[int, int, int, int], seed: int = 0):
    """Order-sensitive input with steps that are not valid, and weights large enough to bend the gates."""
    batch, steps, channels, hidden = shape
    rng = np.random.default_rng(seed)
    names = {"w_ih": (channels, 4 * hidden), "w_hh": (hidden, 4 * hidden), "b_ih": (4 * hidden,), "b_hh": (4 * hidden,)}
    cell = {name: jnp.asarray(rng.normal(size=dims), jnp.float32) for name, dims in names.items()}
    valid = rng.random((batch, steps)) < 0.8
    x = np.where(valid[:, :, None], np.cumsum(rng.normal(size=(batch, steps, channels)), axis=1), 0.0)
    return cell, jnp.asarray(x, jnp.float32), jnp.asarray(valid)


def _plain(cell, x, valid) -> np.ndarray:
    """A loop in double precision, one sequence and step at a time."""
    w = {name: np.asarray(value, np.float64) for name, value in cell.items()}
    hidden = w["w_hh"].shape[0]
    out = np.zeros((*x.shape[:2], hidden))
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    for b in range(x.shape[0]):
        h, c = np.zeros(hidden), np.zeros(hidden)
        for t in range(x.shape[1]):
            if valid[b, t]:
                z = np.asarray(x, np.float64)[b, t] @ w["w_ih"] + w["b_ih"] + h @ w["w_hh"] + w["b_hh"]
                i, f, g, o = z.reshape(4, hidden)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
                out[b, t] = h
    return out


@jax.jit
def _scan(cell, x, valid):
    """The same as a scan of small operations, as `nn.scan` makes of the definition."""

    def step(carry, inputs):
        h, c = carry
        x, valid = inputs
        z = x @ cell["w_ih"] + cell["b_ih"][None] + h @ cell["w_hh"] + cell["b_hh"][None]
        i, f, g, o = jnp.split(z, 4, axis=-1)
        new_c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        new_h = jax.nn.sigmoid(o) * jnp.tanh(new_c)
        there = valid[:, None]
        return (jnp.where(there, new_h, h), jnp.where(there, new_c, c)), jnp.where(there, new_h, 0.0)

    rest = jnp.zeros((x.shape[0], cell["w_hh"].shape[0]))
    return jnp.swapaxes(jax.lax.scan(step, (rest, rest), (jnp.swapaxes(x, 0, 1), valid.T))[1], 0, 1)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_values_equal_a_plain_loop(shape: tuple[int, int, int, int]) -> None:
    given = _given(shape)
    np.testing.assert_allclose(jax.jit(lstm_kernel.over_time)(*given), _plain(*given), atol=2e-6)


GRADIENTS = [(5, 13, 2, 10), (4, 6, 1, 17), (6, 1, 2, 10), (1, 9, 1, 10), (3, 12, 3, 10), (2, 1, 3, 5), (7, 60, 3, 4)]
"""As `SHAPES`; with single steps, three channels, and a longer one, over which errors could grow."""


@pytest.mark.parametrize("shape", GRADIENTS, ids=str)
def test_gradients_equal_the_definitions(shape: tuple[int, int, int, int]) -> None:
    """To 2e-5 of the greatest of each array; up to 1.3e-5 was seen, and under 1e-6 over a dozen steps."""
    cell, x, valid = _given(shape)
    weights = jnp.asarray(np.random.default_rng(1).normal(size=(*shape[:2], shape[3])), jnp.float32)

    def of(run):
        return jax.jit(jax.grad(lambda cell, x: jnp.sum(weights * run(cell, x, valid) ** 2), argnums=(0, 1)))(cell, x)

    native, scanned = of(lstm_kernel.over_time), of(_scan)
    inside = np.asarray(valid, np.float32)[
        :, :, None
    ]  # what stands at other steps has no say: nobody asks for its gradient
    found, defined = ({**cell, "x": x * inside} for cell, x in (native, scanned))
    for name, expected in defined.items():
        scale = np.abs(np.asarray(expected)).max()
        # From rest, a single step has no state to weigh.
        assert scale > 1e-3 or (name, shape[1], scale) == ("w_hh", 1, 0), name
        np.testing.assert_allclose(found[name], expected, atol=2e-5 * scale, rtol=0, err_msg=name)


def test_vmap_over_models_and_over_data() -> None:
    cell, x, valid = _given((3, 7, 2, 5))
    cells = jax.tree.map(lambda leaf: jnp.stack([leaf, 0.5 * leaf]), cell)
    together = jax.vmap(lstm_kernel.over_time, in_axes=(0, None, None))(cells, x, valid)
    for row, factor in enumerate((1.0, 0.5)):
        alone = lstm_kernel.over_time(jax.tree.map(lambda leaf, f=factor: f * leaf, cell), x, valid)
        np.testing.assert_array_equal(together[row], alone)
    gradient = jax.vmap(jax.grad(lambda c, x: jnp.sum(lstm_kernel.over_time(c, x, valid))), in_axes=(None, 0))
    both = gradient(cell, jnp.stack([x, -x]))
    alone = jax.grad(lambda c: jnp.sum(lstm_kernel.over_time(c, -x, valid)))(cell)
    np.testing.assert_allclose(both["w_hh"][1], alone["w_hh"], rtol=1e-6)


def test_a_sequence_does_not_hang_on_those_beside_it() -> None:
    cell, x, valid = _given((9, 20, 1, 10))
    together = np.asarray(lstm_kernel.over_time(cell, x, valid))
    for row in (0, 3, 8):
        np.testing.assert_array_equal(
            together[row], lstm_kernel.over_time(cell, x[row : row + 1], valid[row : row + 1])[0]
        )


def test_what_is_no_number_stays_no_number_and_extremes_saturate() -> None:
    cell, x, valid = _given((4, 6, 1, 10))
    valid = jnp.ones_like(valid)
    far = lstm_kernel.over_time(cell, x * 1e30, valid)
    assert np.isfinite(np.asarray(far)).all()
    broken = np.asarray(lstm_kernel.over_time(jax.tree.map(lambda leaf: leaf * jnp.nan, cell), x, valid))
    assert np.isnan(broken).all()


def test_the_network_takes_the_same_parameters_either_way() -> None:
    settings = ModelSettings(hidden=10, dense=(8, 4), velocity_steps=2, pool_steps=3)
    _, x, valid = _given((6, 15, 2, 10))
    native, scan = network_of(settings), Network(RecurrentNetwork(settings), settings.velocity_steps)
    assert native.module.native
    variables = scan.init(samples=15, channels=2, key=jax.random.key(0))

    @partial(jax.jit, static_argnums=0)
    def both(net, variables):
        """Logits, and the gradient of a sum of them in which the classes differ."""

        def weighted(variables):
            logits = net.apply(variables, x, valid)
            return jnp.sum(logits * jnp.array([[1.0, -2.0]])), logits

        return jax.grad(weighted, has_aux=True)(variables)

    (found, logits), (defined, expected) = both(native, variables), both(scan, variables)
    np.testing.assert_allclose(logits, expected, atol=1e-6)
    for (path, a), b in zip(jax.tree_util.tree_leaves_with_path(found), jax.tree.leaves(defined), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5 * max(1.0, np.abs(b).max()), err_msg=jax.tree_util.keystr(path))
    for a, b in zip(
        jax.tree.leaves(native.init(samples=15, channels=2, key=jax.random.key(0))),
        jax.tree.leaves(variables),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def _arguments(name: str) -> tuple[dict[str, jax.Array], dict[str, jax.ShapeDtypeStruct]]:
    """What a function of the kernel takes and gives, of B 3, T 4, C 2, H 5, with shapes that fit."""
    cell, x, valid = _given((3, 4, 2, 5))
    weights = {"w_ih": cell["w_ih"], "w_hh": cell["w_hh"]}
    kept = jnp.zeros((3, 4, lstm_kernel.KEPT * lstm_kernel._padded(5)))
    results = {"infer": ("out",), "forward": ("out", "kept"), "backward": ("dw_ih", "dw_hh", "db", "dx")}[name]
    shapes = {"out": (3, 4, 5), "kept": kept.shape, "dw_ih": (2, 20), "dw_hh": (5, 20), "db": (20,), "dx": (3, 4, 2)}
    biases = {"b_ih": cell["b_ih"], "b_hh": cell["b_hh"]}
    more = {"kept": kept, "dout": jnp.zeros((3, 4, 5))} if name == "backward" else biases
    return {"x": x, "valid": valid, **weights, **more}, {
        result: jax.ShapeDtypeStruct(shapes[result], jnp.float32) for result in results
    }


def _call(name: str, given: dict, results: dict) -> None:
    jax.block_until_ready(jax.ffi.ffi_call(f"smilejax_lstm_{name}", tuple(results.values()))(*given.values()))


WRONG = [(name, array) for name in lstm_kernel.TARGETS for group in _arguments(name) for array in group]


@pytest.mark.parametrize(("name", "array"), WRONG, ids=str)
def test_shapes_that_do_not_fit_are_refused_before_anything_is_read(name: str, array: str) -> None:
    """Each array in turn one longer along its last axis, and then with an axis too many."""
    given, results = _arguments(name)
    _call(name, given, results)
    for reshape in (lambda shape: (*shape[:-1], shape[-1] + 1), lambda shape: (1, *shape)):
        wrong_given, wrong_results = dict(given), dict(results)
        if array in given:
            wrong_given[array] = jnp.zeros(reshape(given[array].shape), given[array].dtype)
        else:
            wrong_results[array] = jax.ShapeDtypeStruct(reshape(results[array].shape), jnp.float32)
        with pytest.raises(Exception, match=r"INVALID_ARGUMENT: smilejax's LSTM kernel: .*(must|too large)"):
            _call(name, wrong_given, wrong_results)


def test_memory_that_is_not_there_is_an_error_and_ends_no_process() -> None:
    """4000 hidden units take 256 MB of scratch. In a process of its own, which may have 16 MB more than it has."""
    code = (
        "import resource, jax, jax.numpy as jnp\n"
        "from smilejax.models.native import lstm_kernel\n"
        "H = 4000\n"
        "cell = {'w_ih': jnp.zeros((1, 4 * H)), 'w_hh': jnp.zeros((H, 4 * H))}\n"
        "cell |= {'b_ih': jnp.zeros(4 * H), 'b_hh': jnp.zeros(4 * H)}\n"
        "x, valid = jnp.zeros((1, 1, 1)), jnp.ones((1, 1), bool)\n"
        "go = jax.jit(lstm_kernel.over_time).lower(cell, x, valid).compile()\n"
        "pages = int(open('/proc/self/statm').read().split()[0])\n"
        "resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**24,) * 2)\n"
        "try: jax.block_until_ready(go(cell, x, valid))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert out.returncode == 0, out.stderr
    assert "RESOURCE_EXHAUSTED: smilejax's LSTM kernel: std::bad_alloc" in out.stdout, out.stdout


def test_without_the_kernel_the_definition_runs_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMILEJAX_NATIVE", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the scan was chosen: there is nothing to say
        assert not lstm_kernel.usable(warn=True)
        assert not network_of(ModelSettings()).module.native
    monkeypatch.delenv("SMILEJAX_NATIVE")
    # As where pip found no compiler: the module that it would have built is not there.
    monkeypatch.setitem(sys.modules, "smilejax.models.native._lstm", None)
    monkeypatch.delattr("smilejax.models.native._lstm", raising=False)
    spec = importlib.util.spec_from_file_location("without_kernel", lstm_kernel.__file__)
    alone = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(alone)
    assert alone._lstm is None
    assert not alone.usable()
    assert alone.kind() == "scan"
    with pytest.warns(RuntimeWarning, match=r"runs as a scan, .* it was not built when smilejax was installed"):
        assert not alone.usable(warn=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not alone.usable(warn=True)  # once is enough


def test_only_an_lstm_misses_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lstm_kernel, "_lstm", None)
    monkeypatch.setattr(lstm_kernel, "_warned", False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network_of(ModelSettings(cell="gru"))
    with pytest.warns(RuntimeWarning, match="the LSTM runs as a scan"):
        assert not network_of(ModelSettings()).module.native


@pytest.mark.parametrize("error", [RuntimeError, OSError, AttributeError])
def test_a_kernel_that_cannot_be_registered_is_left_out(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one built for another jaxlib."""

    def fails(*_: object, **__: object) -> None:
        raise error("another version")

    monkeypatch.setattr(jax.ffi, "register_ffi_target", fails)
    assert lstm_kernel._registered() == (None, f"it cannot be loaded ({error.__name__}: another version)")
    monkeypatch.undo()
    assert lstm_kernel._registered() == (lstm_kernel._lstm, "")  # and a second time does no harm
