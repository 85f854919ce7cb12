"""How probable does a model find the test images: the evidence lower bound."""

import math
from collections.abc import Generator

import torch

from genexplorer.core.abilities import Scores
from genexplorer.core.data import Data, to_float
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Value
from genexplorer.core.model import Model

_CHUNK = 256


@METRICS.register("elbo")
class Elbo(Metric):
    """ELBO with one draw per test image (Kingma & Welling 2014, eq. 3), its parts, and bits per dimension."""

    needs = Scores

    def measure(self, model: Model, data: Data, rng: torch.Generator) -> Generator[Progress, None, dict[str, Value]]:
        assert isinstance(model, Scores)
        count, parts = len(data.test), []
        for start in range(0, count, _CHUNK):
            x = to_float(data.test.images.take(torch.arange(start, min(start + _CHUNK, count))))
            parts.append(model.elbo(x, rng))
            yield Progress("elbo", min(start + _CHUNK, count), count)
        values = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        named = {
            name: Value(float(v.mean()), "nats per image", float(v.std() / math.sqrt(count)))
            for name, v in values.items()
        }
        named["bits_per_dim"] = Value(
            -named["elbo"].value / math.log(2) / math.prod(data.spec.shape), "bits per dimension"
        )
        return named
