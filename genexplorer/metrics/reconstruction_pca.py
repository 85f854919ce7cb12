"""How much better than a linear code of the same size does a model redraw."""

import math
from collections.abc import Generator

import torch

from genexplorer.core.abilities import Decodes, Encodes
from genexplorer.core.data import to_float
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value, mean_of
from genexplorer.statistics.pca import fit_beyond

_CHUNK = 256
_COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)


@METRICS.register("reconstruction_pca")
class ByPCA(Metric):
    """The error of as many principal components on test images, and the model's as a share of it: below 1 is better."""

    needs = (Encodes, Decodes)
    uses = ("images",)
    less = ("mse_to_pca",)

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        model = subject.model
        assert isinstance(model, Encodes) and isinstance(model, Decodes)
        dim = model.latent_dim
        pca = yield from subject.once("pca", lambda: fit_beyond(subject.data.train.images, dim))
        fitted = len(pca.components)
        counts = sorted({count for count in (*_COUNTS, dim, fitted) if count <= fitted})
        images, linear, own = subject.some("test"), [], []
        for start in range(0, len(images), _CHUNK):
            end = min(start + _CHUNK, len(images))
            x = to_float(images.take(torch.arange(start, end)))
            drawn = pca.redraws(x, counts)
            linear.append(torch.stack([(y - x).div(2).square().flatten(1).mean(1) for y in drawn], 1))
            own.append((model.decode(model.encode(x)) - x).div(2).square().flatten(1).mean(1))
            yield Progress("Against PCA", end, len(images))
        errors, by_model = torch.cat(linear), torch.cat(own)
        by_pca = errors[:, counts.index(min(dim, fitted))]
        subject.beneath |= {
            "components": counts,
            "error": errors.mean(0).tolist(),
            "spread": (errors.std(0) / math.sqrt(len(images))).tolist(),
            "model": [dim, float(by_model.mean()), float(by_model.std()) / math.sqrt(len(images))],
        }
        ratio = float(by_model.mean() / by_pca.mean())
        spread = float((by_model - ratio * by_pca).std() / by_pca.mean())  # of a ratio of means: Cochran 1977, eq. 6.13
        return {
            "mse_of_pca": mean_of(by_pca, "squared grey, 0 to 1"),
            "mse_to_pca": Value(ratio, "times the error of PCA", spread / math.sqrt(len(images))),
        }
