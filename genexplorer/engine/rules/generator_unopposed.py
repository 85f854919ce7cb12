"""The generator wins: the discriminator sees no difference, though there is one."""

import numpy as np

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed
from genexplorer.engine.rivals import lately, told_apart

_APART = 0.15  # d′; below 0 made images have the higher scores
_UNLIKE = 0.25
_STEPS = 200


@RULES.register("generator_unopposed")
class GeneratorUnopposed(Rule):
    title = "Generator unopposed"
    gravity = 3
    why = (
        "A discriminator that gives every image the same score teaches nothing. That is how it ends where samples are "
        "as good as data; but these are not."
    )
    source = "Goodfellow et al. 2014, section 4.1; Goodfellow 2016, “NIPS 2016 Tutorial”, section 5.2"

    def look(self, case: Case) -> Finding | None:
        apart, unlike = lately(told_apart(case), case), case.lately("unlike", 1)
        if case.step < _STEPS or not len(apart) or not len(unlike):
            return None
        if np.quantile(apart, 0.8) > _APART or unlike[-1] < _UNLIKE:
            return None
        model = case.info.model
        gamma, pace = getattr(model, "gamma", 0.0), getattr(model, "d_lr", 1.0)
        gentler = getattr(model, "penalty", "none") != "none" and gamma > 1
        fields = {"gamma": min(gamma, 1.0)} if gentler else {"d_lr": max(1.0, 4 * pace), "d_steps": 1}
        how = "its slope held back less" if gentler else "a quicker discriminator"
        return Finding(
            f"Scores of real images lie {np.median(apart):.2f} standard deviations above those of made ones, while "
            f"samples are {unlike[-1]:.2f} of the images' own distance away from the data.",
            Remedy(f"Train anew with {how}.", changed(case.info, model=fields)),
            explains=("learning_rate_too_high", "mode_collapse", "dead_units", "vanishing_gradients"),
        )
