"""What every family must do in every one of its variants: all sizes, low precision, passed randomness, resuming."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from genexplorer.core.abilities import Decodes, Encodes, Samples
from genexplorer.core.data import DATASETS, Batch, DataSpec, Label
from genexplorer.core.model import MODELS, Model
from genexplorer.core.tensors import read_tensors
from genexplorer.engine.runs import Run, RunInfo, RunStore
from genexplorer.engine.settings import TrainRecipe
from genexplorer.engine.train import Step, train

TINY = {"latent_dim": 3, "width": 4, "hidden": 8}
TINY_VQ = {"width": 4, "codes": 8, "code_dim": 3, "prior_width": 8, "prior_layers": 1}
TINY_UNET = {"width": 8, "sample_steps": 2}
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("autoencoder", TINY),
    ("autoencoder", TINY | {"network": "deep", "layers": (8,), "pretrain": 2}),
    ("autoencoder", TINY | {"network": "deep", "layers": (8,), "tied": True}),
    ("autoencoder", TINY | {"network": "recurrent"}),
    ("vae", TINY),
    ("vae", TINY | {"objective": "tc", "beta": 6.0}),
    ("vae", TINY | {"condition": ("shape", "slant", "thick")}),
    ("vqvae", TINY_VQ),
    ("vqvae", TINY_VQ | {"codebook": "loss"}),
    ("wae", TINY),
    ("wae", TINY | {"penalty": "gan", "adversary_width": 8, "network": "mlp"}),
    ("r3gan", TINY),
    ("r3gan", TINY | {"network": "residual"}),
    ("r3gan", TINY | {"condition": ("shape", "slant", "thick"), "penalty_every": 2, "augment": True}),
    ("gan", TINY | {"smoothing": 0.1}),
    ("dcgan", TINY),
    ("wgan_gp", TINY | {"d_steps": 2}),
    ("sngan", TINY | {"condition": ("shape",)}),
    ("lsgan", TINY),
    ("ddpm", TINY_UNET),
    ("ddpm", TINY_UNET | {"condition": ("shape", "slant", "thick"), "self_condition": True}),
    ("edm", TINY_UNET | {"patch": 2}),
    ("flow", TINY_UNET),
]
LABELS = (
    Label("shape", "class", ("round", "square")),
    Label("thick", "binary"),
    Label("slant", "number", low=-2, high=2),
)
IDS = [" ".join([name, *(f"{k}={v}" for k, v in settings.items() if k not in TINY)]) for name, settings in VARIANTS]
variants = pytest.mark.parametrize(("name", "settings"), VARIANTS, ids=IDS)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Plain:
    """Steps as training takes them."""

    def __init__(self, model: Model) -> None:
        self.all = {name: torch.optim.AdamW(list(group.parameters), 1e-3) for name, group in model.groups().items()}

    def step(self, loss: torch.Tensor, group: str = "all") -> None:
        self.all[group].zero_grad(set_to_none=True)
        with torch.autocast("cpu", enabled=False):
            loss.backward()
        self.all[group].step()


def batch(spec: DataSpec, num: int = 6, seed: int = 0, step: int = 1) -> Batch:
    x = torch.rand(num, *spec.shape, generator=rng(seed)) * 2 - 1
    kinds = [torch.randint(0, 2, (num,), generator=rng(seed)).float() for _ in spec.labels]
    labels = torch.stack(kinds, 1) if kinds else torch.zeros(num, 0)
    return Batch(x.contiguous(memory_format=torch.channels_last), labels, rng(seed), step)


def built(name: str, settings: dict[str, Any], spec: DataSpec) -> Model:
    torch.manual_seed(0)
    return MODELS[name].parse(settings).build(spec).to(memory_format=torch.channels_last)


@variants
@pytest.mark.parametrize("size", [8, 9, 15, 28, 33, 64, 127, 128])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_size(name: str, settings: dict[str, Any], size: int, channels: int) -> None:
    spec = DataSpec((channels, size, size), LABELS)
    model = built(name, settings, spec)
    given = batch(spec, 2)
    metrics = model.train_step(given, Plain(model))
    assert all(value.shape == () and value.isfinite() for value in metrics.values())
    model.eval()
    with torch.inference_mode():
        if isinstance(model, Encodes):
            assert model.encode(given.x).shape == (2, model.latent_dim)
        if isinstance(model, Decodes):
            drawn = model.decode(torch.randn(2, model.latent_dim, generator=rng()))
            assert drawn.shape == given.x.shape and drawn.abs().max() <= 1
        if isinstance(model, Samples) and size < 64:
            assert model.sample(2, rng()).shape == given.x.shape


@variants
def test_low_precision_trains_and_draws_in_32_bits(name: str, settings: dict[str, Any]) -> None:
    spec = DataSpec((1, 12, 12), LABELS)
    model = built(name, settings, spec)
    optimizers = Plain(model)
    with torch.autocast("cpu", torch.bfloat16):
        for step in (1, 2, 3):
            metrics = model.train_step(batch(spec, step=step), optimizers)
    assert all(value.isfinite() and value.dtype == torch.float32 for value in metrics.values())
    with torch.autocast("cpu", torch.bfloat16), torch.inference_mode():
        if isinstance(model, Encodes):
            assert model.encode(batch(spec).x).dtype == torch.float32


@variants
def test_all_randomness_is_passed(name: str, settings: dict[str, Any]) -> None:
    spec = DataSpec((1, 12, 12), LABELS)
    ends = []
    for disturbance in (1, 2):
        model = built(name, settings, spec)
        optimizers = Plain(model)
        torch.manual_seed(disturbance)
        for step in (1, 2, 3):
            model.train_step(batch(spec, seed=step, step=step), optimizers)
        ends.append(model.state_dict())
    assert all(torch.equal(value, ends[1][key]) for key, value in ends[0].items())


@pytest.fixture
def trained(tmp_path: Path) -> Callable[[str, dict[str, Any], set[int]], Run]:
    store = RunStore(tmp_path)

    def train_it(name: str, settings: dict[str, Any], stops: set[int]) -> Run:
        values = {"steps": 9, "batch_size": 16, "save_every": 4, "log_every": 2, "warmup": 3}
        run = store.create(
            RunInfo(MODELS[name].parse(settings), DATASETS["digits"].parse({}), TrainRecipe.parse(values))
        )
        for _ in range(len(stops) + 1):
            work = train(run)
            for event in work:
                if isinstance(event, Step) and event.step in stops:
                    stops = stops - {event.step}
                    work.close()
        return run

    return train_it


@variants
def test_stopped_and_resumed_it_is_the_same_run(name: str, settings: dict[str, Any], trained: Any) -> None:
    settings = {key: ("digit",) if key == "condition" else value for key, value in settings.items()}
    whole, parts = trained(name, settings, set()), trained(name, settings, {3, 5})
    assert [row["step"] for row in whole.metrics()] == [2, 4, 6, 8, 9] and whole.metrics() == parts.metrics()
    one, two = (read_tensors(run.resume_path)[0] for run in (whole, parts))
    assert one.keys() == two.keys() and [key for key in one if not torch.equal(one[key], two[key])] == []
