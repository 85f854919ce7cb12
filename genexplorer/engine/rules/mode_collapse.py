"""Mode collapse: the generator draws a few pictures again and again."""

import numpy as np

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed, smooth
from genexplorer.engine.rivals import best_snapshot

_VARIETY = 0.5  # of the mean distance between test images; a sound model has 0.8 and more
_FELL = 0.5  # of what it was before
_STEPS = 1500  # a generator draws the mean of all images first, and finds variety only then


@RULES.register("mode_collapse")
class ModeCollapse(Rule):
    title = "Mode collapse"
    gravity = 3
    why = (
        "One convincing picture deceives the discriminator as well as many do. Where nothing rewards variety, all "
        "codes come to be drawn alike, and once the discriminator has learnt that picture the generator leaps to "
        "another."
    )
    source = "Goodfellow 2016, “NIPS 2016 Tutorial”, section 5.1.1; Salimans et al. 2016, section 3.2"

    def look(self, case: Case) -> Finding | None:
        steps, variety = case.series("variety")
        if not len(case.series("real")[0]) or len(variety) < 5 or variety[-2:].max() > _VARIETY:
            return None
        even, past = smooth(variety, 3), variety[steps <= 0.6 * case.step]
        fell = even[-1] < _FELL * even.max()
        stays = case.step >= _STEPS and len(past) > 0 and variety[-2:].max() < 1.1 * np.median(past[-3:])
        if not (fell or stays):
            return None
        model = case.info.model
        fields = {"game": "relativistic", "penalty": "r1r2", "gamma": 1.0, "spectral": False, "smoothing": 0.0}
        if getattr(model, "game", "") == "relativistic":
            fields = {"gamma": 4 * max(getattr(model, "gamma", 1.0), 0.25), "penalty": "r1r2", "penalty_every": 1}
        start = best_snapshot(case)
        whence = f"Go on from the checkpoint of step {start:,}" if start else "Train anew"
        return Finding(
            f"Samples differ from each other {variety[-1]:.0%} as much as test images do.",
            Remedy(
                f"{whence}, with each image judged beside one of the other kind and both slopes held to 0.",
                changed(case.info, model=fields),
                start,
            ),
            explains=("discriminator_overpowers", "circling", "memorisation"),
        )
