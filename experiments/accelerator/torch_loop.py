"""The same network and training in plain PyTorch, one model after another: its LSTM is cuDNN's on a GPU."""

import importlib.util
import time

import numpy as np

from smilejax import Dataset, TrainingSettings
from smilejax.models.network_input import network_input


def why_not(on_gpu: bool) -> str:
    """Why PyTorch cannot be compared here; "" where it can.

    Arguments:
        on_gpu: whether smilejax runs on an NVIDIA GPU, so that PyTorch must too.
    """
    if importlib.util.find_spec("torch") is None:
        return "PyTorch is not installed here (pip install torch)"
    import torch

    if on_gpu and not torch.cuda.is_available():
        return f"PyTorch {torch.__version__} finds no GPU here"
    return ""


def seconds_per_model(dataset: Dataset, settings: TrainingSettings, *, seed: int, on_gpu: bool) -> float:
    """Train one model as `smilejax.train` does, on all trials but the first, and score every trial after the last epoch.

    What the network is given (velocities) is computed before, and costs PyTorch nothing here.
    """
    import torch
    from torch import nn

    where = torch.device("cuda" if on_gpu else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = True  # as XLA multiplies, and cuDNN by itself
    model, steps = settings.model, dataset.x.shape[1]
    given = np.array(network_input(dataset.x, dataset.valid, model.velocity_steps)[0])
    given = (given - given.mean((0, 1))) / given.std((0, 1))
    everything = torch.tensor(given, device=where)
    data, labels = everything[1:], torch.tensor(np.array(dataset.y)[1:], dtype=torch.long, device=where)
    pooled = -(-steps // model.pool_steps)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(given.shape[2], model.hidden, batch_first=True)
            first, second = model.dense
            self.dense = nn.Sequential(
                nn.Linear(pooled * model.hidden, first), nn.Sigmoid(), nn.Dropout(model.dropout),
                nn.Linear(first, second), nn.Sigmoid(), nn.Dropout(model.dropout), nn.Linear(second, 2),
            )  # fmt: skip

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            h, _ = self.lstm(x)
            if model.pool_steps > 1:
                h = nn.functional.pad(h, (0, 0, 0, -steps % model.pool_steps))
                h = h.reshape(len(h), pooled, model.pool_steps, -1).mean(2)
            return self.dense(h.reshape(len(x), -1))

    def train() -> None:
        network = Network().to(where)
        optimizer = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
        loss_of = nn.CrossEntropyLoss()
        for _ in range(settings.epochs):
            for rows in torch.randperm(len(data), device=where).split(settings.minibatch_size):
                optimizer.zero_grad()
                loss_of(network(data[rows]), labels[rows]).backward()
                optimizer.step()
        network.eval()
        with torch.no_grad():
            network(everything).cpu()

    torch.manual_seed(seed)
    before = time.perf_counter()
    train()
    if on_gpu:
        torch.cuda.synchronize()
    return time.perf_counter() - before
