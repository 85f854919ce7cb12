"""How probable does a model find the test images: log p(x) by importance weighting."""

import math
from collections.abc import Generator

import torch

from genexplorer.core.data import Data, to_float
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value, mean_of
from genexplorer.core.model import Model
from genexplorer.statistics.importance import Explains, explains, log_density

_IMAGES = 1000


@METRICS.register("likelihood")
class Likelihood(Metric):
    """The bound of Burda et al. 2016, eq. 8, on the first 1,000 test images, with `draws` draws for each; it rises to
    log p(x) as they become more. Bits per dimension are of pixels in [-1, 1] where the likelihood is a density."""

    needs = (Explains,)
    uses = ("seed", "images", "draws")
    costly = True
    less = ("log_px_bits_per_dim",)
    more = ("log_px",)

    def suits(self, model: Model, data: Data) -> bool:
        return explains(model)

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        assert isinstance(subject.model, Explains)
        images = subject.some("test", _IMAGES)
        x = to_float(images.take(torch.arange(len(images))))
        found = yield from log_density(subject.model, x, subject.draws, subject.rng())
        per_bit = math.log(2) * x[0].numel()
        return {
            "log_px": mean_of(found.value, "nats per image"),
            "log_px_bits_per_dim": mean_of(-found.value / per_bit, "bits per dimension"),
            "log_px_sampling": Value(float(found.error.mean()), "nats, standard error of one image"),
            "log_px_effective_draws": Value(float(found.effective.median()), f"of {subject.draws}, median"),
        }
