"""The native kernel; everything else about the build is in pyproject.toml.

The kernel is optional: where it cannot be built, smilejax runs the Flax module in its place.
"""

from pathlib import Path

from setuptools import Extension, setup


def _headers() -> list[str]:
    """XLA's, which jaxlib carries; pip provides it for the build (`build-system.requires`)."""
    try:
        import jaxlib
    except ImportError:
        return []
    return [str(Path(jaxlib.__file__).parent / "include")]


setup(
    ext_modules=[
        Extension(
            "smilejax.models.native._lstm",
            sources=["smilejax/models/native/lstm.cc"],
            depends=["smilejax/models/native/lstm_lanes.inc"],
            include_dirs=_headers(),
            language="c++",
            extra_compile_args=["-std=c++17", "-O3", "-g0"],
            optional=True,
        )
    ]
)
