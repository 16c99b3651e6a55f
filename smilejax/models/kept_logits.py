"""Logits of a trained network by a program that is kept on disk: where it is found, Flax is not even imported."""

from typing import TYPE_CHECKING

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Num

from smilejax._util.kept_programs import KeptProgram
from smilejax.models.native import lstm_kernel
from smilejax.models.network_input import shape_of
from smilejax.settings import ModelSettings
from smilejax.settings.training_settings import BUILT_IN

if TYPE_CHECKING:
    from smilejax.models.network import Variables


def kept_logits(
    variables: "Variables",
    x: Num[np.ndarray, "N T ..."],
    valid: Bool[np.ndarray, "N T"],
    *,
    settings: ModelSettings,
) -> Float[Array, "N 2"]:
    """What `smilejax.models.network.logits` gives, bit for bit.

    Arguments:
        variables: of one network. x: as `network_data` gives it, not standardised. valid: `bool[N, T]`.

    Raises:
        SettingsError: the variables are not of this network, or were made for another T or C.
    """
    return _PROGRAM(variables, x, valid, settings=settings)


def _jitted(variables: "Variables", x: np.ndarray, valid: np.ndarray, *, settings: ModelSettings) -> jax.stages.Wrapped:
    """The program to be traced. A kept one was checked before it was compiled, for arrays of the same shapes."""
    from smilejax.models import network

    network.check_variables(variables, settings, **shape_of(x), what="variables")
    return network.logits_program


def what_makes_the_network(settings: ModelSettings) -> str | None:
    """A network of the package as it runs here, for programs that are kept; None of another, whose name does not say what it
    computes."""
    if settings.network not in BUILT_IN:
        return None
    if settings.of_pictures:
        return repr(settings)
    lstm_kernel.usable(warn=settings.cell == "lstm")
    return f"{settings!r} by {lstm_kernel.kind()}"


_PROGRAM: KeptProgram[Array] = KeptProgram("logits", ("_util", "settings", "models"), _jitted, what_makes_the_network)
