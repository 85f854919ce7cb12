"""Are samples distributed as real images: the Fréchet distance."""

from collections.abc import Generator

from genexplorer.core.abilities import Samples
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value, of
from genexplorer.statistics.frechet import frechet_distance


@METRICS.register("frechet")
class Frechet(Metric):
    """Of samples to test images (Heusel et al. 2017, eq. 6), and of as many training images: what is left of it when
    the model is perfect. It grows as images become fewer, so it compares runs only at one number of images."""

    needs = (Samples,)
    uses = ("images", "features")
    less = ("frechet",)

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        real = yield from subject.features("test")
        drawn = yield from subject.features("samples")
        others = yield from subject.features("train")
        yield Progress("Fréchet distance", 0, 1)
        unit = subject.feature_unit("²")
        return {
            "frechet": of(frechet_distance(real, drawn), unit),
            "frechet_of_training": of(frechet_distance(real, others), unit),
        }
