"""How probable are the test images, for models that only draw samples: Parzen windows."""

import math
from collections.abc import Generator

import torch

from genexplorer.core.abilities import Samples, Scores
from genexplorer.core.data import Data, Images
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value, mean_of
from genexplorer.core.model import Model
from genexplorer.statistics.parzen import parzen

_JUDGED = 1000


@METRICS.register("parzen")
class Parzen(Metric):
    """A Gaussian around each sample (Goodfellow et al. 2014, section 5). Asked where a model has no density of its own,
    or by name: it says little in many dimensions (Theis et al. 2016), and compares only models measured alike."""

    needs = (Samples,)
    uses = ("seed", "images")
    less = ("parzen_bits_per_dim",)
    more = ("parzen",)

    def suits(self, model: Model, data: Data) -> bool:
        return not isinstance(model, Scores) and len(data.test) >= 2

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        samples, test = (yield from subject.samples()), subject.some("test", 2 * _JUDGED)
        half = torch.arange(len(test))
        valid, judged = Images(test.take(half[1::2])), Images(test.take(half[::2]))
        found, sigma = yield from parzen(samples, valid, judged)
        per_bit = math.log(2) * math.prod(subject.data.spec.shape)
        return {
            "parzen": mean_of(found, "nats per image, pixels in [-1, 1]"),
            "parzen_bits_per_dim": mean_of(-found / per_bit, "bits per dimension"),
            "parzen_sigma": Value(sigma, "of pixels in [-1, 1]"),
        }
