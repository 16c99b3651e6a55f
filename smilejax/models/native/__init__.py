"""Kernels in C++ that pip builds, each beside the definition that it equals. None is needed: without one it is slower."""
