"""What several experiments share."""

from smilejax.evaluation.statistics import split_score


def proportion(count: int, total: int, digits: int = 0) -> tuple[str, str]:
    """A proportion in percent, and its Wilson 95% interval, in words.

    Example:
        >>> proportion(3, 10)
        ('30%', '11% to 60%')
    """
    found = split_score(count, total)
    return f"{found.accuracy:.{digits}%}", f"{found.low:.{digits}%} to {found.high:.{digits}%}"
