"""How long a training of the report's model takes, one after another in PyTorch and as a plan of runs here, side by side.

    python experiments/benchmark_training.py                        all tables
    python experiments/benchmark_training.py models --steps 200     one section
    python experiments/benchmark_training.py memory                 how much a plan of 10,000 runs holds

Needs PyTorch beside smilejax (`pip install torch`), which nothing else here does. Seconds are per trained model; compile time
stands apart. Contenders take turns within each repeat, so that what else the machine does falls on all of them; ratios are
of one repeat, and their median, least and greatest are given. On a machine with other work, read the ratios.
"""

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib import metadata
from multiprocessing import get_context

import jax
import jax.numpy as jnp
import numpy as np

from smilejax import Dataset, TrainingSettings
from smilejax.models.native import lstm_kernel
from smilejax.preprocess.channels import CHANNELS
from smilejax.splits import Folds
from smilejax.training import Programs, make_run, train_run
from smilejax.training.plans import Plan, train_runs

CORES = os.cpu_count() or 1
TRIALS, EPOCHS, RATE = 144, 10, 0.001
VMAPPED = 16


def dataset_of(steps: int) -> Dataset:
    """144 trials with a class effect, one feature a step, as the report had them."""
    rng = np.random.default_rng(0)
    y = np.arange(TRIALS) % 2
    x = 0.1 * np.cumsum(rng.normal(size=(TRIALS, steps)), axis=1) + 0.3 * y[:, None]
    codes = jnp.arange(TRIALS, dtype=jnp.int32) // 8
    return Dataset(
        x=jnp.asarray(x[:, :, None], jnp.float32),
        valid=jnp.ones((TRIALS, steps), bool),
        y=jnp.asarray(y, jnp.int32),
        participant=codes,
        stimulus=jnp.arange(TRIALS, dtype=jnp.int32) % 8,
        smiler=jnp.arange(TRIALS, dtype=jnp.int32) % 8 // 2,
        proportion_valid=jnp.ones(TRIALS),
        status=jnp.zeros(TRIALS, jnp.int32),
        channels=(CHANNELS["fused"],),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )


def everything() -> Folds:
    """One fold that trains on all trials but one, which is scored."""
    test = np.zeros((1, TRIALS), bool)
    test[0, 0] = True
    none = np.zeros((1, TRIALS), bool)
    return Folds(
        scheme="benchmark",
        apart=(),
        leaky=True,
        why_leaky="every trial but one is trained on",
        train=~test,
        test=test,
        validation=none,
        names=("all",),
        repeat=np.zeros(1, np.int32),
        times_scored=None,
    )


def settings_of(batch: int) -> TrainingSettings:
    """The report's training, at a batch size."""
    return replace(TrainingSettings.report(), minibatch_size=batch, epochs=EPOCHS, learning_rate=RATE)


def plan_of(batch: int, runs: int) -> Plan:
    """So many seeds of it."""
    return Plan(everything(), settings_of(batch), seeds=tuple(range(runs)))


# ---------------------------------------------------------------------------------------------------------------- PyTorch


def torch_models(x: np.ndarray, y: np.ndarray, batch: int, count: int, threads: int | None, curves: bool) -> None:
    """Train the report's model `count` times with plain PyTorch, one after another."""
    import torch
    from torch import nn

    if threads is not None:
        torch.set_num_threads(threads)
    data, labels = torch.tensor(x[1:]), torch.tensor(y[1:], dtype=torch.long)
    everything = torch.tensor(x)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(x.shape[2], 10, batch_first=True)
            self.dense = nn.Sequential(
                nn.Linear(10 * x.shape[1], 200), nn.Sigmoid(), nn.Dropout(0.5),
                nn.Linear(200, 20), nn.Sigmoid(), nn.Dropout(0.5), nn.Linear(20, 2),
            )  # fmt: skip

        def forward(self, x: "torch.Tensor") -> "torch.Tensor":
            h, _ = self.lstm(x)
            return self.dense(h.reshape(len(x), -1))

    for seed in range(count):
        torch.manual_seed(seed)
        model = Model()
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
        loss_of = nn.CrossEntropyLoss()
        for epoch in range(EPOCHS):
            model.train()
            for rows in torch.randperm(len(data)).split(batch):
                optimizer.zero_grad()
                loss_of(model(data[rows]), labels[rows]).backward()
                optimizer.step()
            if curves or epoch == EPOCHS - 1:
                model.eval()
                with torch.no_grad():
                    model(everything)


# -------------------------------------------------------------------------------------------------------------- contenders


def plain_vmap(dataset: Dataset, batch: int) -> Callable[[], None]:
    """`jit(vmap(train))` of the definition over 16 keys: what JAX does by itself. It scores after every epoch."""
    settings = settings_of(batch)
    mask = np.arange(TRIALS) > 0
    run = make_run(dataset, settings, key=jax.random.key(0), train_mask=mask)
    os.environ["SMILEJAX_NATIVE"] = "0"
    try:
        train = jax.vmap(lambda key: train_run(dataset, replace(run, key=key), settings=settings))
        train = jax.jit(train).lower(jax.random.split(jax.random.key(1), VMAPPED)).compile()
    finally:
        del os.environ["SMILEJAX_NATIVE"]
    return lambda: jax.block_until_ready(train(jax.random.split(jax.random.key(1), VMAPPED)))


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def spread(values: Sequence[float], digits: str = ".2f") -> str:
    """Median, least and greatest."""
    return f"{statistics.median(values):{digits}} ({min(values):{digits}} to {max(values):{digits}})"


def models(steps: Sequence[int], batches: Sequence[int], repeats: int, curves: bool) -> None:
    """Seconds per model of every contender."""
    scored = "after every epoch" if curves else "after the last epoch"
    print(
        f"## Seconds per model\n\n{TRIALS} trials, {EPOCHS} epochs, all trials scored {scored}; median (least to greatest) of "
        f"{repeats} repeats. Ratio: PyTorch's time, one model after another, to `train_runs`'.\n"
    )
    print(
        "| T | batch | PyTorch, one after another | PyTorch, one process per core | `jit(vmap)` of the definition "
        "| `train_runs` | ratio | ratio to processes | compile, s |\n|---|---|---|---|---|---|---|---|---|"
    )
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        for batch in batches:
            for length in steps:
                print(_row(length, batch, repeats, curves, pool), flush=True)
    print(f"\nPeak memory: {peak_mib():.0f} MiB, all contenders of this process together.\n")


def _row(steps: int, batch: int, repeats: int, curves: bool, pool: ProcessPoolExecutor) -> str:
    dataset = dataset_of(steps)
    x, y = np.asarray(dataset.x), np.asarray(dataset.y)
    of_torch = 4 if batch > 1 else 1
    runs = 16 if batch > 1 else 8
    plan = plan_of(batch, runs)

    def processes() -> None:
        given = [pool.submit(torch_models, x, y, batch, of_torch, 1, curves) for _ in range(CORES)]
        [job.result() for job in given]

    def ours() -> None:
        train_runs(dataset, plan, curves=curves)

    compile_s = timed(ours)
    vmapped = plain_vmap(dataset, batch)
    compile_s -= timed(ours)
    torch_models(x, y, batch, 1, None, curves)
    processes(), vmapped()
    took: dict[str, list[float]] = {name: [] for name in ("torch", "processes", "vmap", "ours")}
    for _ in range(repeats):
        took["torch"].append(timed(lambda: torch_models(x, y, batch, of_torch, None, curves)) / of_torch)
        took["ours"].append(timed(ours) / runs)
        took["processes"].append(timed(processes) / (of_torch * CORES))
        took["vmap"].append(timed(vmapped) / VMAPPED)
    ratios = [a / b for a, b in zip(took["torch"], took["ours"], strict=True)]
    to_processes = [a / b for a, b in zip(took["processes"], took["ours"], strict=True)]
    cells = [spread(took[name], ".3f") for name in ("torch", "processes", "vmap", "ours")]
    return f"| {steps} | {batch} | {' | '.join(cells)} | {spread(ratios)} | {spread(to_processes)} | {compile_s:.1f} |"


def scaling(repeats: int, most_runs: int) -> None:
    """Cost against R, against T and against devices."""
    print("## Cost against the number of runs\n\nT 100, batch 16, ms per run.\n\n| R | ms per run |\n|---|---|")
    dataset = dataset_of(100)
    for runs in (r for r in (1, 2, 4, 8, 32, 128, 512, 4096) if r <= most_runs):
        plan = plan_of(16, runs)
        train_runs(dataset, plan_of(16, min(runs, 8)), curves=False)  # the same program
        took = [
            1000 * timed(lambda plan=plan: train_runs(dataset, plan, curves=False)) / runs
            for _ in range(repeats if runs < 512 else 1)
        ]
        print(f"| {runs} | {spread(took, '.1f')} |", flush=True)
    print("\n## Cost against T\n\nBatch 16, 16 runs.\n\n| T | ms per run | us per run and step of T |\n|---|---|---|")
    for steps in (50, 100, 200, 400, 800):
        data, plan = dataset_of(steps), plan_of(16, 16)
        train_runs(data, plan, curves=False)
        took = [
            1000 * timed(lambda data=data, plan=plan: train_runs(data, plan, curves=False)) / 16 for _ in range(repeats)
        ]
        print(f"| {steps} | {spread(took, '.1f')} | {1000 * statistics.median(took) / steps:.0f} |", flush=True)
    print("\n## One core against all\n\nBatch 16, 16 runs.\n\n| T | cores | gain |\n|---|---|---|")
    for steps in (100, 200, 600):
        data, plan = dataset_of(steps), plan_of(16, 16)
        one = lambda data=data, plan=plan: train_runs(data, plan, curves=False, devices=jax.local_devices()[:1])  # noqa: E731
        every = lambda data=data, plan=plan: train_runs(data, plan, curves=False)  # noqa: E731
        one(), every()
        gains = [timed(one) / timed(every) for _ in range(repeats)]
        print(f"| {steps} | {CORES} | {spread(gains)} |", flush=True)
    print()


def memory(sizes: Sequence[int]) -> None:
    """Most memory held while a plan at T 600 is trained that keeps logits only."""
    print(f"## Memory\n\nT 600, {TRIALS} trials, batch 16, one epoch; logits of all trials are kept.\n")
    print("| runs | most memory, MiB | ms per run |\n|---|---|---|")
    dataset, settings = dataset_of(600), replace(settings_of(16), epochs=1)
    for runs in sorted(sizes):
        plan = Plan(everything(), settings, seeds=tuple(range(runs)))
        took = timed(lambda plan=plan: train_runs(dataset, plan, curves=False))
        print(f"| {runs} | {peak_mib():.0f} | {1000 * took / runs:.1f} |", flush=True)
    print()


def peak_mib() -> float:
    """Most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("section", nargs="?", choices=("models", "scaling", "memory", "all"), default="all")
    parser.add_argument("--steps", type=int, nargs="+", default=[100, 200, 600], help="T")
    parser.add_argument("--minibatch-size", type=int, nargs="+", default=[16, 1])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--most-runs", type=int, default=4096, help="largest plan of the section scaling")
    parser.add_argument(
        "--memory-runs", type=int, nargs="+", default=[16, 1000, 10_000], help="R of the section memory"
    )
    parser.add_argument("--curves", action="store_true", help="score all trials after every epoch, on both sides")
    given = parser.parse_args()
    names = ("jax", "torch", "numpy")
    print(f"smilejax with {', '.join(f'{n} {metadata.version(n)}' for n in names)}; {CORES} cores, ", end="")
    width = Programs(dataset_of(10), settings_of(16)).shape.width
    print(f"native kernel: {'yes' if lstm_kernel.usable() else 'no'}, {width} run(s) on each device at a time.\n")
    if given.section in ("models", "all"):
        models(given.steps, given.minibatch_size, given.repeats, given.curves)
    if given.section in ("scaling", "all"):
        scaling(given.repeats, given.most_runs)
    if given.section in ("memory", "all"):
        memory(given.memory_runs)


if __name__ == "__main__":
    main()
