"""Dead units: a layer that nothing makes fire any more."""

import numpy as np

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed

_SHARE = 0.9  # a healthy wide ReLU layer has up to two thirds that some hundred images do not reach
_USUAL = 2e-3


@RULES.register("dead_units")
class DeadUnits(Rule):
    title = "Dead units"
    gravity = 3
    why = (
        "A rectified unit that lies below zero for every image passes no gradient, so nothing brings it back. One step "
        "that is too long, or a bias that is far too low, throws a whole layer there."
    )
    source = "Maas et al. 2013, section 2; Lu et al. 2020, “Dying ReLU and Initialization”"

    def look(self, case: Case) -> Finding | None:
        steps, dead = case.series("dead")
        if len(dead) < 2 or dead[-2:].min() < _SHARE:
            return None
        train = case.info.train
        return Finding(
            f"In one layer {dead[-1]:.0%} of the units fire for no image, since step {self.since(steps, dead):,.0f}.",
            Remedy(
                "Train anew from other first weights, with a lower learning rate that rises more slowly.",
                changed(
                    case.info,
                    train={
                        "lr": min(train.lr / 2, _USUAL),
                        "warmup": max(2 * train.warmup, 200),
                        "seed": (train.seed + 1) % 2**31,
                    },
                ),
            ),
            explains=("posterior_collapse", "vanishing_gradients", "learning_rate_too_low", "overfitting"),
        )

    def since(self, steps: np.ndarray, dead: np.ndarray) -> float:
        alive = (dead < _SHARE).nonzero()[0]
        return float(steps[alive[-1] + 1] if len(alive) else steps[0])
