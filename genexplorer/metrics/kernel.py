"""Are samples distributed as real images: the kernel distance, which has no bias where images are few."""

from collections.abc import Generator

from genexplorer.core.abilities import Samples
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value, of
from genexplorer.statistics.kernel import kernel_distance


@METRICS.register("kernel")
class Kernel(Metric):
    """Squared maximum mean discrepancy of samples and test images under a cubic kernel (Bińkowski et al. 2018)."""

    needs = (Samples,)
    uses = ("images", "features")
    less = ("kernel",)

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        real = yield from subject.features("test")
        drawn = yield from subject.features("samples")
        yield Progress("Kernel distance", 0, 1)
        return {"kernel": of(kernel_distance(real, drawn), "MMD² of features")}
