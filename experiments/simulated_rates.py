"""Tables of rates over simulated studies, as Markdown."""

import numpy as np
import numpy.typing as npt


def proportion(found: npt.NDArray[np.generic]) -> str:
    """A proportion and its standard error; where it is 0 or 1, the error is that of half a study in all."""
    p = float(np.mean(found))
    safe = min(max(p, 0.5 / len(found)), 1 - 0.5 / len(found)) if len(found) else np.nan
    return f"{p:.3f} ± {np.sqrt(safe * (1 - safe) / len(found)):.3f}"


def heading(text: str, studies: int) -> None:
    """A table's title."""
    print(f"\n**{text}** ({studies} studies a row)\n")


def row(*cells: str) -> None:
    """A row of a Markdown table."""
    print("| " + " | ".join(cells) + " |", flush=True)


def rule(columns: int) -> None:
    """The line under its head."""
    print("|" + "---|" * columns, flush=True)
