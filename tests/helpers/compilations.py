"""Functions run as one program, and how often XLA compiles one, by JAX's own account: a cache of ours says nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.monitoring

COMPILED = "/jax/core/compile/backend_compile_duration"


@contextmanager
def compilations(function: str) -> Iterator[list[str]]:
    """Yields a list that grows by one whenever the function of that name is compiled."""
    found: list[str] = []

    def listen(event: str, _: float, **about: Any) -> None:
        if event == COMPILED and about.get("fun_name") == f"jit({function})":
            found.append(function)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield found
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)


def in_one_program(function: Callable[..., Any], *arrays: Any, **settings: Any) -> Any:
    """A function of arrays and settings, compiled as one program: operation by operation it would be dozens of small ones."""
    return jax.jit(lambda *given: function(*given, **settings))(*arrays)
