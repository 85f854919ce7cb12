"""Fashion-MNIST (Xiao et al. 2017, arXiv:1708.07747): clothes in 28×28 grey pixels."""

from collections.abc import Generator
from pathlib import Path
from typing import ClassVar, Literal

from torch import Tensor
from torch.nn.functional import pad

from ..core.data import DATASETS, Data, DatasetRecipe, DataSpec, Images, Label, Split
from ..core.errors import UserError
from ..core.events import Progress
from ..core.recipe import knob
from ..sources.download import fetch
from ..sources.idx import find, read_idx

_DEBIAN = Path("/usr/share/datasets/fashion-mnist")
_MIRROR = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_MD5 = {
    "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
}
_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


@DATASETS.register("fashion")
class Fashion(DatasetRecipe):
    """70,000 pictures of clothes in ten classes; 10,000 of them are the test set.

    Read from Debian's package dataset-fashion-mnist where it is installed, else downloaded once (31 MB).
    """

    title: ClassVar[str] = "Fashion-MNIST"
    about: ClassVar[str] = "70,000 grey pictures of shirts, shoes and bags, 28×28. The usual step up from digits."

    size: Literal[28, 32] = knob(28, "Side of a picture; 32 adds a black rim, for networks that halve often", unit="px")

    def load(self, cache: Path) -> Generator[Progress, None, Data]:
        folders = (_DEBIAN, cache / "fashion-mnist")
        for name, md5 in _MD5.items():
            if not find(folders, name):
                yield from fetch([f"{_MIRROR}{name}.gz"], folders[1] / f"{name}.gz", md5)
        yield Progress("Reading Fashion-MNIST", 0, 2)
        train = self._split(folders, "train")
        yield Progress("Reading Fashion-MNIST", 1, 2)
        test = self._split(folders, "t10k")
        yield Progress("Reading Fashion-MNIST", 2, 2)
        return Data(DataSpec((1, self.size, self.size), (Label("garment", "class", _CLASSES),)), train, test)

    def preview(self, num: int, cache: Path | None = None) -> Tensor:
        folders = [_DEBIAN, *([cache / "fashion-mnist"] if cache else [])]
        path = find(folders, "t10k-images-idx3-ubyte")
        return self._form(read_idx(path, num)) if path else super().preview(num)

    def _split(self, folders: tuple[Path, ...], part: str) -> Split:
        images, labels = (
            read_idx(_there(folders, f"{part}-{kind}")) for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
        )
        if images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
            raise UserError(
                f"The Fashion-MNIST files in {folders[0]} or {folders[1]} do not belong together; delete them."
            )
        return Split(Images(self._form(images)), labels.float().unsqueeze(1))

    def _form(self, images: Tensor) -> Tensor:
        """uint8 (N, 28, 28) to (N, 1, size, size)."""
        rim = (self.size - 28) // 2
        return pad(images.unsqueeze(1), (rim, rim, rim, rim)) if rim else images.unsqueeze(1)


def _there(folders: tuple[Path, ...], name: str) -> Path:
    path = find(folders, name)
    if path is None:
        raise UserError(f"{name} vanished from {folders[1]}; load the data set again.")
    return path
