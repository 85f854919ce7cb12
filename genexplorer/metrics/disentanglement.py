"""Does each latent dimension stand for one factor of the data: MIG, DCI and SAP."""

from collections.abc import Generator

import numpy as np
import torch

from genexplorer.core.abilities import Encodes
from genexplorer.core.data import Data, Images
from genexplorer.core.events import Progress
from genexplorer.core.metric import METRICS, Metric, Subject, Value
from genexplorer.core.model import Model
from genexplorer.statistics.codes import encode_all
from genexplorer.statistics.disentangled import Factors, Matrix, dci, factors_of, mig, mutual_information, sap

_IMAGES = 10_000


@METRICS.register("disentanglement")
class Disentanglement(Metric):
    """On 10,000 training images, DCI's informativeness on test images: Chen et al. 2018, Eastwood & Williams 2018,
    Kumar et al. 2018. Needs data with two known factors at least."""

    needs = (Encodes,)
    more = ("mig", "dci_disentanglement", "dci_completeness", "dci_informativeness", "sap")

    def suits(self, model: Model, data: Data) -> bool:
        return len(data.spec.labels) > 1 and len(data.test) >= 20

    def measure(self, subject: Subject) -> Generator[Progress, None, dict[str, Value]]:
        model, data = subject.model, subject.data
        assert isinstance(model, Encodes)
        known: list[tuple[Matrix, Factors]] = []
        for split in (data.train, data.test):
            num = min(_IMAGES, len(split))
            rows = torch.arange(num) * len(split) // num
            found = yield from encode_all(model, Images(split.images.take(rows)))
            known.append((found.double().numpy(), factors_of(data.spec.labels, split.labels[rows].numpy())))
        (codes, factors), (held_codes, held) = known
        information, entropy = mutual_information(codes, factors)
        forests = yield from dci(codes, factors, held_codes, held, subject.seed)
        scores, gaps = sap(codes, factors)
        by_factor, kept = mig(information, entropy), entropy > 0
        subject.beneath |= {"factors": list(factors.names), "mig": by_factor.tolist(), "sap": gaps.tolist()}
        shares = information / np.maximum(entropy, 1e-12)[:, None]
        for name, matrix in (("information", shares), ("importance", forests.importance), ("alone", scores)):
            subject.beneath[name] = matrix.round(5).tolist()
        return {
            "mig": Value(float(np.mean(by_factor[kept])), "0 to 1"),
            "dci_disentanglement": Value(forests.disentanglement, "0 to 1"),
            "dci_completeness": Value(forests.completeness, "0 to 1"),
            "dci_informativeness": Value(forests.informativeness, "0 to 1"),
            "sap": Value(float(np.mean(gaps)), "0 to 1"),
        }
