"""How probable does a model find the test images: the evidence lower bound."""

import math
from collections.abc import Generator

import torch

from genexplorer.core.abilities import Scores
from genexplorer.core.data import to_float
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value, mean_of

_CHUNK = 256


@METRICS.register("elbo")
class Elbo(Metric):
    """ELBO with one draw per test image (Kingma & Welling 2014, eq. 3), its parts, and bits per dimension."""

    needs = (Scores,)
    uses = ("seed", "images")
    less = ("bits_per_dim",)
    more = ("elbo",)

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        assert isinstance(subject.model, Scores)
        images, rng, parts = subject.data.test.images, subject.rng(), []
        count = min(len(images), subject.images)
        for start in range(0, count, _CHUNK):
            x = to_float(images.take(torch.arange(start, min(start + _CHUNK, count))))
            parts.append(subject.model.elbo(x, rng))
            yield Progress("elbo", min(start + _CHUNK, count), count)
        values = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        named = {name: mean_of(v, "nats per image") for name, v in values.items()}
        per_bit = math.log(2) * math.prod(subject.data.spec.shape)
        named["bits_per_dim"] = mean_of(-values["elbo"] / per_bit, "bits per dimension")
        return named
