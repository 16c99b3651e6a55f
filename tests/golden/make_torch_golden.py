"""Make `torch_report_model.npz` with PyTorch: weights, inputs, logits, and a few steps of training of the report's model.

    pip install torch==2.13.0 && python tests/golden/make_torch_golden.py

PyTorch is needed here only; the tests read the file.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

T, HIDDEN, N, STEPS, RATE = 13, 10, 6, 30, 0.5
# A larger step than the report's, so that thirty steps move the weights far enough for a wrong gradient to show. All trials
# in one batch, so that no order of trials has to be agreed on.


class ReportModel(nn.Module):
    """One-layer LSTM, outputs of all steps flattened, three dense layers, sigmoids between."""

    def __init__(self, samples: int, cell: str = "lstm", hidden: int = HIDDEN) -> None:
        super().__init__()
        kinds = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
        self.cell = cell
        setattr(self, cell, kinds[cell](1, hidden, batch_first=True))
        self.fc1 = nn.Linear(hidden * samples, 200)
        self.fc2 = nn.Linear(200, 20)
        self.fc3 = nn.Linear(20, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h, _ = getattr(self, self.cell)(x)
        h = h.reshape(len(x), -1)
        return self.fc3(torch.sigmoid(self.fc2(torch.sigmoid(self.fc1(h)))))


def main() -> None:
    """Write the golden file beside this script."""
    torch.manual_seed(7)
    out: dict[str, np.ndarray] = {}
    x = torch.randn(N, T, 1).cumsum(dim=1) * 0.1 + 0.3
    y = torch.tensor([0, 1, 1, 0, 1, 0])
    out["x"], out["y"] = x.numpy(), y.numpy()
    for cell in ("lstm", "gru", "rnn"):
        model = ReportModel(T, cell)
        out.update({f"{cell}/{name}": value.detach().numpy().copy() for name, value in model.state_dict().items()})
        out[f"{cell}-logits"] = model(x).detach().numpy()

    model = ReportModel(T)
    model.load_state_dict({k: torch.from_numpy(out[f"lstm/{k}"]) for k in model.state_dict()})
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        losses.append(nn.functional.cross_entropy(model(x), y).item())
    out["sgd-losses"] = np.array(losses, np.float32)
    out.update({f"sgd/{name}": value.detach().numpy() for name, value in model.state_dict().items()})
    np.savez_compressed(Path(__file__).with_name("torch_report_model.npz"), **out)


if __name__ == "__main__":
    main()
