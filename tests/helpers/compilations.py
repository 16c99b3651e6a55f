"""How often XLA compiles a function, by JAX's own account: what a cache of ours holds says nothing of that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
