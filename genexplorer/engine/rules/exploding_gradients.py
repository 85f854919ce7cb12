"""Exploding gradients: numbers that grow from layer to layer, or from step to step."""

import numpy as np

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed, smooth

_SIGNAL = 100.0  # root mean square within the network; images are within 1, and healthy layers stay below 10
_GROWN = 100.0


@RULES.register("exploding_gradients")
class ExplodingGradients(Rule):
    title = "Exploding gradients"
    gravity = 3
    why = (
        "Each layer multiplies what passes through it, forward and backward; where the factors are above 1, their "
        "product over the layers, and with it the gradient, is enormous, and a step along it lands anywhere."
    )
    source = "Pascanu et al. 2013, section 2; Glorot & Bengio 2010"

    def look(self, case: Case) -> Finding | None:
        signal, norm = case.series("signal")[1], smooth(case.series("grad_norm")[1])
        if len(signal) and signal[0] > _SIGNAL:  # before a learning rate could have done it
            now = f"a gradient of {norm[-1]:.2g}" if len(norm) else "enormous gradients"
            return Finding(
                f"From the start the numbers within the network were near {signal[0]:.2g}, where images are within 1; "
                f"they give {now}.",
                self.remedy(case),
                explains=("learning_rate_too_high", "overfitting", "learning_rate_too_low"),
            )
        if case.info.train.clip or len(norm) < 10:
            return None  # a gradient that is cut does no harm
        least = np.minimum.accumulate(norm)
        if norm[-1] < max(_GROWN * least[-1], 10.0):
            return None
        return Finding(
            f"The gradient has grown from {least[-1]:.2g} to {norm[-1]:.2g}, and nothing cuts it.", self.remedy(case)
        )

    def remedy(self, case: Case) -> Remedy:
        train = case.info.train
        fields = {"clip": 1.0, "lr": min(train.lr, 1e-3), "warmup": max(train.warmup, 500)}
        return Remedy(
            "Train anew from other first weights, with gradients cut to a length of 1 and a slower start.",
            changed(case.info, train={**fields, "seed": (train.seed + 1) % 2**31}),
        )
