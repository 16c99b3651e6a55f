"""What several experiments share."""

import os

import jax

from smilejax.evaluation.statistics import split_score


def use_all_cores() -> None:
    """One virtual JAX device for each core; to be called before the first computation."""
    jax.config.update("jax_num_cpu_devices", os.cpu_count() or 1)


def proportion(count: int, total: int, digits: int = 0) -> tuple[str, str]:
    """A proportion in percent, and its Wilson 95% interval, in words.

    Example:
        >>> proportion(3, 10)
        ('30%', '11% to 60%')
    """
    found = split_score(count, total)
    return f"{found.accuracy:.{digits}%}", f"{found.low:.{digits}%} to {found.high:.{digits}%}"
