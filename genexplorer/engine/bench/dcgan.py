"""Training a DCGAN of 64 px against the loop of PyTorch's own example, with the same networks and batch."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from genexplorer.core.data import DATASETS, Data, DatasetRecipe
from genexplorer.core.events import drain
from genexplorer.core.model import MODELS, ModelRecipe
from genexplorer.networks.dcgan import DCGANFeatures, DCGANGenerator

from ..runs import RunInfo, RunStore
from ..settings import TrainRecipe
from .rounds import Side, median_ratio, side
from .rows import benchmark
from .turns import in_process
from .workload import BATCH, FOREVER, steps_of, workplace

_Z, _WIDTH = 100, 64


@benchmark(
    "train_dcgan", bound="≥ 2.5", what="images/s of training a DCGAN of 64 px, to PyTorch's own example", slow=True
)
def train_dcgan() -> tuple[float, str]:
    """Both with 64 channels before the last layer and a z of 100 numbers: 6.3 million weights."""
    with in_process(__name__, "our_dcgan") as ours, in_process(__name__, "example_dcgan") as peer:
        return median_ratio(ours, peer, seconds=10)


@contextmanager
def our_dcgan() -> Iterator[Side]:
    with workplace() as home:
        settings = TrainRecipe.suiting(type(_model()), steps=FOREVER, batch_size=BATCH)
        run = RunStore(home).create(RunInfo(_model(), _faces(), settings))
        with closing(steps_of(run)) as steps:
            yield side(steps)


@contextmanager
def example_dcgan() -> Iterator[Side]:
    with workplace() as home:
        yield side(_pytorch_example(drain(_faces().load(home / "cache"))))


def _model() -> ModelRecipe:
    return MODELS["dcgan"].parse({"width": _WIDTH, "latent_dim": _Z})


def _faces() -> DatasetRecipe:
    return DATASETS["faces"].parse({"num": 1024})


class _Folder(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """torchvision.datasets.ImageFolder with ToTensor and Normalize: a PIL image each time."""

    def __init__(self, data: Data, folder: Path) -> None:
        from torchvision import transforms

        pixels = data.train.images.take(torch.arange(len(data.train))).permute(0, 2, 3, 1).numpy()
        self._files = [folder / f"{n}.png" for n in range(len(pixels))]
        for file, image in zip(self._files, pixels, strict=True):
            Image.fromarray(image).save(file)
        self._transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        with Image.open(self._files[index]) as file:
            return self._transform(file.convert("RGB")), 0


def _pytorch_example(data: Data) -> Iterator[int]:
    """The training loop of examples/dcgan/main.py, without what it prints and saves."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        loader = torch.utils.data.DataLoader(
            _Folder(data, Path(folder)), batch_size=BATCH, shuffle=True, num_workers=2, persistent_workers=True
        )
        generator = DCGANGenerator(_Z, 3, 64, _WIDTH)
        features = DCGANFeatures(3, 64, _WIDTH, norm=True)
        discriminator = nn.Sequential(features, nn.Linear(features.outputs, 1), nn.Sigmoid(), nn.Flatten(0))
        criterion = nn.BCELoss()
        d_adam = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
        g_adam = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
        while True:
            for real, _ in loader:
                discriminator.zero_grad()
                label = torch.full((len(real),), 1.0)
                output = discriminator(real)
                d_real = criterion(output, label)
                d_real.backward()
                output.mean().item()
                fake = generator(torch.randn(len(real), _Z))
                label.fill_(0.0)
                output = discriminator(fake.detach())
                d_fake = criterion(output, label)
                d_fake.backward()
                output.mean().item()
                d_adam.step()
                generator.zero_grad()
                label.fill_(1.0)
                output = discriminator(fake)
                g_loss = criterion(output, label)
                g_loss.backward()
                output.mean().item()
                g_adam.step()
                yield len(real)
