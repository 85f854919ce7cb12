"""A learning rate that is too low: the weights hardly move."""

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed

_UPDATE = 3e-5  # at the most of its height; a thousandth is usual
_USUAL = 1e-3
_STEPS = 100


@RULES.register("learning_rate_too_low")
class LearningRateTooLow(Rule):
    title = "Learning rate too low"
    gravity = 1
    why = "Steps this short take ages, and stop in the first hollow: the weights stay near their random beginning."
    source = "Goodfellow et al. 2016, section 11.4.1"

    def look(self, case: Case) -> Finding | None:
        train, update = case.info.train, case.series("update")[1]
        if case.step < train.warmup + _STEPS or len(update) < 3 or update.max() > _UPDATE or train.lr >= _USUAL:
            return None
        return Finding(
            f"A step changes the weights by {update.max():.1g} of their size at most. "
            f"The learning rate is {train.lr:g}.",
            Remedy(f"Train anew with a learning rate of {_USUAL:g}.", changed(case.info, train={"lr": _USUAL})),
        )
