"""Diffusion: training beside denoising-diffusion-pytorch's own trainer, what a sampler costs, and how soon it draws."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from genexplorer.core.abilities import Denoises
from genexplorer.core.checkpoint import Checkpoint
from genexplorer.core.data import DATASETS, DataSpec
from genexplorer.core.events import drain
from genexplorer.core.memory import keep_big_blocks
from genexplorer.core.model import MODELS
from genexplorer.core.precision import quick
from genexplorer.networks.moments import Denoise as Denoiser
from genexplorer.networks.samplers import SAMPLERS, SamplerName

from ..denoise import Denoise, usual_way
from ..query import answer, own_model
from ..runs import RunInfo, RunStore
from ..settings import TrainRecipe
from ..shipped import shipped_models
from .rounds import Side, median_ratio, side
from .rows import Missing, benchmark
from .turns import in_process
from .workload import FOREVER, THREADS, steps_of, workplace

_SIZE, _DIM, _MULTIPLES, _BATCH = 32, 32, (1, 2, 4), 128
_IMAGES, _SECONDS, _FIRST_SECONDS = 16, 3.0, 0.3


@benchmark(
    "train_ddpm",
    bound="≥ 1.5",
    what="images/s of training their U-Net of 32 px, to denoising-diffusion-pytorch's trainer with our allocator",
    slow=True,
)
def train_ddpm() -> tuple[float, str]:
    with in_process(__name__, "our_loop") as ours, in_process(__name__, "their_trainer", "tuned") as peer:
        return median_ratio(ours, peer, seconds=20)


@benchmark(
    "train_ddpm_untuned",
    bound="≥ 2",
    what="the same, to their trainer as it comes",
    slow=True,
)
def train_ddpm_untuned() -> tuple[float, str]:
    with in_process(__name__, "our_loop") as ours, in_process(__name__, "their_trainer") as peer:
        return median_ratio(ours, peer, seconds=20)


@benchmark("sampler_cost", bound="≤ 0.01", what="a sampler's own share of a step, beside the network's")
def sampler_cost() -> tuple[float, str]:
    """The shipped garments' network, 16 images, in our default sampler and the three that are taught."""
    checkpoint = _garments()
    model, shares = own_model(checkpoint), dict[str, float]()
    noise = torch.randn(_IMAGES, *checkpoint.spec.shape, generator=torch.Generator().manual_seed(0))
    assert isinstance(model, Denoises)
    taught: tuple[SamplerName, ...] = ("dpmpp", "ddim", "ddpm", "heun")
    with torch.inference_mode(), quick():
        for name in taught:
            timed, way = _Timed(model.denoise), SAMPLERS[name]
            for _ in range(3):
                timed.spent = 0.0
                start = time.perf_counter()
                rng, schedule = torch.Generator().manual_seed(0), model.schedule
                for _moment in way.run(timed, noise, way.times(20, schedule), schedule, rng):
                    pass
                share = 1 - timed.spent / (time.perf_counter() - start)
                shares[name] = min(share, shares.get(name, 1.0))
    return max(shares.values()), ", ".join(f"{name} {100 * share:.2f} %" for name, share in shares.items())


@benchmark("denoise_start", bound="≤ 1", what="16 garments from a fresh start, loading included, as a share of 3 s")
def denoise_start() -> tuple[float, str]:
    whole, first = _fresh_start()
    return whole / _SECONDS, f"{whole:.1f} s, of which importing torch is not counted; first frame after {first:.2f} s"


@benchmark("denoise_first", bound="≤ 1", what="the first frame of that, from the press on, as a share of 0.3 s")
def denoise_first() -> tuple[float, str]:
    _, first = _fresh_start()
    return first / _FIRST_SECONDS, f"{first:.2f} s"


class _Timed:
    def __init__(self, denoise: Denoiser) -> None:
        self.denoise, self.spent = denoise, 0.0

    def __call__(self, xt: Tensor, t: float) -> Tensor:
        start = time.perf_counter()
        x0 = self.denoise(xt, t)
        self.spent += time.perf_counter() - start
        return x0


def _garments() -> Checkpoint:
    path = shipped_models().get("fashion-diffusion")
    if path is None:
        raise Missing("no diffusion model comes with this program")
    return Checkpoint.open(path)


_FRESH = """
import time, torch
start = time.perf_counter()
from genexplorer.cli import load_plugins
load_plugins()
from genexplorer.engine.bench.diffusion import drawn
print("SECONDS", *drawn(start))
"""


def _fresh_start() -> tuple[float, float]:
    """Seconds of a new process from torch on until all is drawn, and from the press on until the first frame."""
    found = []
    for _ in range(3):
        out = subprocess.run([sys.executable, "-c", _FRESH], capture_output=True, text=True, check=False).stdout
        line = next((line for line in out.splitlines() if line.startswith("SECONDS")), "")
        if not line:
            raise Missing("the model that comes with the program could not be drawn from")
        whole, first = map(float, line.split()[1:])
        found.append((whole, first))
    return min(whole for whole, _ in found), min(first for _, first in found)


def drawn(start: float) -> tuple[float, float]:
    """Seconds since `start` when all is drawn, and until the first frame since the model was loaded."""
    checkpoint = _garments()
    own_model(checkpoint)
    loaded, first = time.perf_counter(), 0.0
    for _frame in answer(Denoise(checkpoint, usual_way(checkpoint), _IMAGES)):
        first = first or time.perf_counter() - loaded
    return time.perf_counter() - start, first


class _Adapted(nn.Module):
    """Their U-Net, which calls time by its whole numbers, in the place of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.unet = _their_unet()

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        made: Tensor = self.unet(x, t)
        return made


def _their_unet() -> nn.Module:
    try:
        from denoising_diffusion_pytorch import Unet
    except ImportError as error:
        raise Missing("needs denoising-diffusion-pytorch: pip install denoising-diffusion-pytorch") from error
    unet: nn.Module = Unet(dim=_DIM, dim_mults=_MULTIPLES)
    return unet


def _faces() -> Any:
    return DATASETS["faces"].parse({"num": 1024, "size": _SIZE})


@contextmanager
def our_loop() -> Iterator[Side]:
    """Our whole training, with their network."""
    base: Any = MODELS["ddpm"]

    class Theirs(base):  # type: ignore[misc]
        def network(self, spec: DataSpec, conditions: int) -> nn.Module:
            return _Adapted()

    MODELS.register("their-unet")(Theirs)
    with workplace() as home:
        settings = TrainRecipe.suiting(Theirs, steps=FOREVER, batch_size=_BATCH, preview_every=1000, save_every=1000)
        run = RunStore(home).create(RunInfo(Theirs(), _faces(), settings))
        with closing(steps_of(run)) as steps:
            yield side(steps)


@contextmanager
def their_trainer(tuned: str = "") -> Iterator[Side]:
    """Their whole training, in a thread that goes on while it is its turn."""
    if tuned:
        keep_big_blocks()
    unet = _their_unet()
    from denoising_diffusion_pytorch import GaussianDiffusion, Trainer

    with workplace() as home:
        folder = home / "images"
        folder.mkdir()
        data = drain(_faces().load(home / "cache"))
        for number, image in enumerate(data.train.images.take(torch.arange(len(data.train))).permute(0, 2, 3, 1)):
            Image.fromarray(image.numpy()).save(folder / f"{number}.png")
        trainer = Trainer(
            GaussianDiffusion(unet, image_size=_SIZE, timesteps=1000),
            str(folder),
            train_batch_size=_BATCH,
            train_num_steps=FOREVER,
            save_and_sample_every=FOREVER,
            results_folder=str(home / "results"),
            calculate_fid=False,
            num_samples=16,
        )
        gate = _Gate(trainer.dl)
        trainer.dl = gate

        def go() -> None:
            torch.set_num_threads(THREADS)
            trainer.train()

        threading.Thread(target=go, daemon=True).start()
        yield gate.turn


class _Gate:
    """Batches, while it is open."""

    def __init__(self, batches: Iterator[Any]) -> None:
        self.batches, self.count = batches, 0
        self.open, self.waits = threading.Event(), threading.Event()

    def __next__(self) -> Any:
        self.waits.set()
        self.open.wait()
        self.waits.clear()
        self.count += 1
        return next(self.batches)

    def turn(self, seconds: float) -> float:
        """Images per second, until the step that it is at when the time is over is done."""
        self.waits.wait()
        before, start = self.count, time.perf_counter()
        self.open.set()
        time.sleep(seconds)
        self.open.clear()
        self.waits.wait()
        return (self.count - before) * _BATCH / (time.perf_counter() - start)
