"""Is each sample like a real image, and is there a sample like each real image: precision and recall."""

from collections.abc import Generator

from genexplorer.core.abilities import Samples
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value, of
from genexplorer.statistics.neighbours import precision_recall


@METRICS.register("neighbours")
class Neighbours(Metric):
    """By the third nearest neighbour, of as many images on each side: Kynkäänniemi et al. 2019, eq. 1-3."""

    needs = (Samples,)
    uses = ("images", "features")
    more = ("precision", "recall")

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        real = yield from subject.features("test")
        drawn = yield from subject.features("samples")
        yield Progress("Nearest neighbours", 0, 1)
        num = min(len(real), len(drawn))
        precision, recall = precision_recall(real[:num], drawn[:num])
        return {"precision": of(precision, "share of samples"), "recall": of(recall, "share of test images")}
