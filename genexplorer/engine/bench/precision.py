"""Whether half precision costs quality."""

from pathlib import Path
from statistics import mean, stdev

from genexplorer.core.events import drain

from ..evaluate import Asked, evaluate
from ..settings import Hardware
from ..train import train
from .rows import benchmark
from .workload import BATCH, THREADS, conv_vae, new_run, workplace

_EPOCHS, _SEEDS = 10, 3


@benchmark("bf16", bound="≤ 1.01", what="test ELBO in bf16 to 32 bits, after 10 epochs", slow=True)
def bf16() -> tuple[float, str]:
    """A Bernoulli VAE, whose ELBO is a negative number of nats: above 1 is worse."""
    with workplace() as home:
        half, full = (
            [_elbo(home, precision, seed) for seed in range(_SEEDS)] for precision in ("bf16-mixed", "32-true")
        )
    told = "; ".join(f"{name} {mean(v):.2f} ± {stdev(v):.2f}" for name, v in (("bf16", half), ("32 bits", full)))
    return mean(half) / mean(full), f"{told} nats over {_SEEDS} seeds"


def _elbo(home: Path, precision: str, seed: int) -> float:
    steps = _EPOCHS * (60_000 // BATCH)
    run = new_run(home, conv_vae(likelihood="bernoulli"), steps=steps, precision=precision, seed=seed)
    for _ in train(run, Hardware(accelerator="cpu", threads=THREADS)):
        pass
    return drain(evaluate(run.checkpoint(), home / "cache", Asked(("elbo",), seed)))["elbo"].value
