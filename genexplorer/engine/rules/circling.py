"""Oscillation: the two players chase each other in circles."""

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed
from genexplorer.engine.rivals import best_snapshot, lately, told_apart

_WRONG = 0.2  # share of rows
_STEPS = 200
_UNLIKE = 0.1


@RULES.register("circling")
class Circling(Rule):
    title = "The players run in circles"
    gravity = 2
    why = (
        "Each answers the other's last move. Where nothing damps them they circle about the point of rest instead of "
        "coming to it: the discriminator, just trained, soon gives the made images the higher scores."
    )
    source = "Mescheder et al. 2018, “Which Training Methods for GANs do actually Converge?”, section 3"

    def look(self, case: Case) -> Finding | None:
        late, unlike = lately(told_apart(case), case, 12), case.lately("unlike", 1)
        if case.step < _STEPS or not len(late) or not len(unlike) or unlike[-1] < _UNLIKE:
            return None
        wrong = float((late < -0.5).mean())  # by more than half a standard deviation: no chance of one batch
        right = float((late > 0.5).mean())
        if wrong < _WRONG or right < _WRONG:
            return None
        start = best_snapshot(case)
        whence = f"Go on from the checkpoint of step {start:,}" if start else "Train anew"
        fields = {"penalty": "r1r2", "gamma": max(1.0, getattr(case.info.model, "gamma", 1.0)), "spectral": False}
        train = {"lr": min(case.info.train.lr, 2e-4)}
        return Finding(
            f"In {wrong:.0%} of what was measured lately made images had the higher scores, in {right:.0%} real ones.",
            Remedy(
                f"{whence}, with the slope at both kinds of images held to 0, which damps the two.",
                changed(case.info, model=fields, train=train),
                start,
            ),
            explains=("learning_rate_too_high", "dead_units"),
        )
