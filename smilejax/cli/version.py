"""What `smilejax --version` prints: all that numbers depend on."""

import platform

from smilejax import __version__
from smilejax._util.errors import listed
from smilejax._util.number_text import several


def version_text() -> str:
    """Versions, the kernel that LSTMs run by, and the devices; a line each."""
    import jax  # half a second, which no other answer of this kind needs

    from smilejax.models.native import lstm_kernel

    devices = jax.devices()
    kinds = sorted({device.device_kind for device in devices} - {devices[0].platform})
    found = f"{several(len(devices), f'{devices[0].platform.upper()} device')}{f' ({listed(kinds)})' if kinds else ''}"
    kernel = f"native ({lstm_kernel.kind()})" if lstm_kernel.usable() else "scan (the native kernel is not in use here)"
    return "\n".join(
        (
            f"smilejax {__version__}",
            f"Python   {platform.python_version()}",
            f"jax      {jax.__version__}",
            f"LSTM     {kernel}",
            f"devices  {found}",
        )
    )
