"""One rule for ties, wherever predictions are counted."""

import numpy as np
import numpy.typing as npt


def likelier_class(margin: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """The class that is predicted, where a tie is half of either: 1 of a margin above 0, 0 below, .5 at 0. NaN gives 0.

    Arguments:
        margin: `f[...]`, by how much class 1 is preferred: logit 1 minus logit 0, or its probability minus .5.

    Example:
        >>> likelier_class(np.array([-0.1, 0.0, 2.0])).tolist()
        [0.0, 0.5, 1.0]
    """
    return np.where(margin == 0, 0.5, margin > 0)
