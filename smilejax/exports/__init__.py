"""Models and studies in the formats of other programs: ONNX, `jax.export`, tidy tables, BIDS derivatives."""
