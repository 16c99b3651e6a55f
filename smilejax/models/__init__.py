"""The network, its native kernel, weights of PyTorch models, checkpoints, and the predictor."""
