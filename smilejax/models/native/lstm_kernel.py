"""The LSTM over whole sequences as one call of the CPU program, values and gradients.

`nn.scan` over `smilejax.models.recurrent_cells.LSTMCell` is the definition. XLA runs its loop one small operation after
another, which takes several times as long as the arithmetic; the kernel in `lstm.cc` takes a whole sequence, and is
tested to equal the definition.
"""

import os
import warnings
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

KEPT = 6
"""Numbers that the way forwards keeps of each unit and step for the way back: four gates, cell and hidden state."""


TARGETS = ("infer", "forward", "backward")
"""The kernel's functions: outputs alone, outputs with what the way back needs, gradients."""


def _registered() -> tuple[Any, str]:
    """The kernel's module, known to XLA, and ""; or None and why it cannot be had, so that the definition runs.

    It is a help and never a need, so nothing that is wrong with it may stop an import: no compiler where pip installed, XLA's
    headers that did not fit (ImportError), a file of another system or another jaxlib (OSError, or what XLA raises).
    """
    try:
        from smilejax.models.native import _lstm  # type: ignore[attr-defined]

        for name in TARGETS:
            jax.ffi.register_ffi_target(f"smilejax_lstm_{name}", getattr(_lstm, name), platform="cpu")
    except ImportError:
        return None, "it was not built when smilejax was installed"
    except Exception as error:
        return None, f"it cannot be loaded ({type(error).__name__}: {error})"
    return _lstm, ""


_lstm, _why_absent = _registered()
_warned = False


def usable(*, warn: bool = False) -> bool:
    """Whether the kernel was built and programs are made for the CPU. `SMILEJAX_NATIVE=0` leaves it out.

    Arguments:
        warn: whether to warn, once in a process, where an LSTM on the CPU has to do without it although nobody asked for that.
    """
    wanted = os.environ.get("SMILEJAX_NATIVE") != "0" and jax.default_backend() == "cpu"
    if warn and wanted and _lstm is None:
        _warn_once()
    return _lstm is not None and wanted


def _warn_once() -> None:
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(
            f"the LSTM runs as a scan, several times slower than by smilejax's native kernel: {_why_absent}. Install a C++ "
            "compiler and smilejax again; SMILEJAX_NATIVE=0 chooses the scan without this warning.",
            RuntimeWarning,
            stacklevel=4,
        )


def kind() -> str:
    """What LSTMs run by here, as a record holds it: another way, or lanes of another width, gives other last bits."""
    return f"kernel of {int(_lstm.lanes)} lanes" if usable() else "scan"


@jax.custom_vjp
def over_time(cell: dict[str, Array], x: Float[Array, "B T C"], valid: Bool[Array, "B T"]) -> Float[Array, "B T H"]:
    """Hidden states of an LSTM along each sequence, from rest.

    Arguments:
        cell: the parameters of `LSTMCell`: `w_ih f32[C, 4H]`, `w_hh f32[H, 4H]`, `b_ih f32[4H]`, `b_hh f32[4H]`, gates in
            the order input, forget, cell, output.
        x: `f32[B, T, C]`, finite.
        valid: `bool[B, T]`; at other steps the state is handed on and the output is 0.

    Differentiable once in `cell` and `x`, by reverse mode. `vmap` adds models or sequences.
    """
    out: Array = _call("infer", _outputs(cell, x), x, valid, *_weights(cell))
    return out


def _forwards(cell: dict[str, Array], x: Array, valid: Array) -> tuple[Array, tuple[Any, ...]]:
    kept = jax.ShapeDtypeStruct((*x.shape[:2], KEPT * _padded(cell["w_hh"].shape[0])), jnp.float32)
    out, kept = _call("forward", (_outputs(cell, x), kept), x, valid, *_weights(cell))
    return out, (cell, x, valid, kept)


def _backwards(kept: tuple[Any, ...], towards_out: Array) -> tuple[dict[str, Array], Array, None]:
    cell, x, valid, states = kept
    shapes = tuple(jax.ShapeDtypeStruct(a.shape, jnp.float32) for a in (cell["w_ih"], cell["w_hh"], cell["b_ih"], x))
    w_ih, w_hh, b, towards_x = _call("backward", shapes, x, valid, cell["w_ih"], cell["w_hh"], states, towards_out)
    return {"w_ih": w_ih, "w_hh": w_hh, "b_ih": b, "b_hh": b}, towards_x, None


over_time.defvjp(_forwards, _backwards)


def _call(name: str, results: Any, *arguments: Array) -> Any:
    return jax.ffi.ffi_call(f"smilejax_lstm_{name}", results, vmap_method="broadcast_all")(*arguments)


def _weights(cell: dict[str, Array]) -> tuple[Array, ...]:
    return cell["w_ih"], cell["w_hh"], cell["b_ih"], cell["b_hh"]


def _outputs(cell: dict[str, Array], x: Array) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct((*x.shape[:2], cell["w_hh"].shape[0]), jnp.float32)


def _padded(hidden: int) -> int:
    """Hidden units, filled up to whole vectors of this machine's."""
    lanes = int(_lstm.lanes)
    return -(-hidden // lanes) * lanes
