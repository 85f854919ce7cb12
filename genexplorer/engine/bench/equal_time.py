"""What equal time gives: samples of one VAE, trained on Fashion-MNIST for as long by our trainer as by pythae's."""

import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import mean

import torch
from torch import Tensor

from genexplorer.core.abilities import Decodes
from genexplorer.core.data import DATASETS, Images, to_uint8
from genexplorer.core.events import drain
from genexplorer.core.tensors import read_tensors, write_tensors
from genexplorer.statistics.frechet import frechet_distance

from ..features import feature_net, features_of
from ..runs import Run
from .pythae_trainer import Kind, pythae_trainer
from .rounds import Side, side
from .rows import timed
from .turns import in_process
from .workload import BATCH, FOREVER, conv_vae, load, new_run, steps_of, workplace

_SEEDS, _SAMPLES, _AT_ONCE = 3, 10_000, 500
_SIGMA, _LR = 0.5, 2e-3
_SLICE, _PACE, _SPARE = 10.0, 0.04, 0.03  # seconds, and shares of the time
_KINDS = {"plain": Kind("VAE"), "weighed": Kind("BetaVAE", {"beta": _SIGMA**2})}


@timed("equal_time", bound="≥ 1", what="Fréchet distance of samples of pythae's VAE after so long a training, to ours")
def equal_time(minutes: float) -> tuple[float, str]:
    """Each side's own objective: pythae's VAE has a fixed sigma of 1."""
    return _beside("plain", minutes)


@timed("equal_time_weighed", bound="≥ 1", what="the same, to pythae's β-VAE, whose β makes its objective ours")
def equal_time_weighed(minutes: float) -> tuple[float, str]:
    return _beside("weighed", minutes)


def _beside(kind: str, minutes: float) -> tuple[float, str]:
    """Of 10,000 samples to the test images, in the features that ship; the mean over the seeds."""
    with workplace() as home, tempfile.TemporaryDirectory() as folder:
        data = load(home / "cache")
        net = drain(feature_net(DATASETS["fashion"](), data, home / "cache"))
        real = drain(features_of(net, data.test.images, ""))
        ours: list[float] = []
        theirs: list[float] = []
        steps: list[tuple[float, float]] = []
        for seed in range(_SEEDS):
            kept = [Path(folder) / f"{who}-{seed}.safetensors" for who in ("ours", "theirs")]
            steps.append(_trained(kind, 60 * minutes, seed, kept))
            for path, found in zip(kept, (ours, theirs), strict=True):
                drawn = drain(features_of(net, Images(read_tensors(path)[0]["samples"]), ""))
                found.append(frechet_distance(real, drawn).value)
    told = " to ".join(" ".join(f"{value:.2f}" for value in found) for found in (ours, theirs))
    done = " to ".join(f"{mean(column):,.0f}" for column in zip(*steps, strict=True))
    return mean(theirs) / mean(ours), f"{told} over {_SEEDS} seeds of {minutes:g} minutes, {done} steps"


def _trained(kind: str, seconds: float, seed: int, kept: list[Path]) -> tuple[float, float]:
    """Both sides in turns, so that whatever else the machine does falls on both alike: how many steps each did."""
    turns = max(1, round(seconds / _SLICE))
    given = seconds / turns
    done = [0.0, 0.0]
    with (
        in_process(__name__, "our_vae", str(kept[0]), str(seconds), str(seed)) as ours,
        in_process(__name__, "pythae_vae", str(kept[1]), kind, str(seed)) as peer,
    ):
        for turn in range(turns):
            for who in (0, 1) if turn % 2 else (1, 0):
                done[who] += (ours, peer)[who](given) * given / BATCH
    return done[0], done[1]


@contextmanager
def our_vae(kept: str, seconds: str, seed: str) -> Iterator[Side]:
    """Our trainer with its averaged weights and falling rate."""
    with workplace() as home:
        load(home / "cache")  # not within the time, on either side
        runs: list[Run] = []
        with closing(in_time(home, float(seconds), int(seed), runs)) as steps:
            yield side(steps)
        model = runs[-1].checkpoint().model()
        assert isinstance(model, Decodes)
        _keep(kept, model.decode, int(seed))


@contextmanager
def pythae_vae(kept: str, kind: str, seed: str) -> Iterator[Side]:
    """pythae's trainer, of images in [-1, 1]: in [0, 1] its sigma of 1 would be twice as wide."""
    with workplace() as home:
        with pythae_trainer(load(home / "cache"), home, conv_vae(), _KINDS[kind], int(seed)) as peer:
            yield peer.turn
        _keep(kept, lambda z: peer.decoder(z).clamp(-1, 1), int(seed))


def in_time(home: Path, seconds: float, seed: int, runs: list[Run]) -> Generator[int, None, None]:
    """As many steps as the time holds, for the rate falls towards the last: a short run, whose time counts, tells."""
    spent, done, since = 0.0, 0, 0.0

    def timed_steps(steps: int) -> Generator[int, None, None]:
        nonlocal spent
        runs.append(new_run(home, conv_vae(sigma=_SIGMA), seed=seed, lr=_LR, steps=steps))
        with closing(steps_of(runs[-1])) as work:
            while True:
                start = time.perf_counter()
                try:
                    next(work)
                except StopIteration:
                    return
                finally:
                    spent += time.perf_counter() - start
                yield BATCH

    for images in timed_steps(FOREVER):
        yield images
        if since:
            done += 1
        elif spent > seconds * _PACE / 2:  # the first steps are slow
            since = spent
        if done >= 3 and spent > seconds * _PACE:
            break
    pace = done / (spent - since)
    yield from timed_steps(max(1, int(pace * (seconds - spent) * (1 - _SPARE))))
    while True:
        time.sleep(0.1)
        yield 0


def _keep(path: str, decode: Callable[[Tensor], Tensor], seed: int) -> None:
    """Draw from the prior."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        drawn = [to_uint8(decode(torch.randn(_AT_ONCE, 16, generator=rng))) for _ in range(_SAMPLES // _AT_ONCE)]
    write_tensors(Path(path), {"samples": torch.cat(drawn)}, {})
