"""Over-fitting: what is learnt holds for the training images alone."""

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed, fewer_or_more

_SHARE = 0.08  # of what was learnt
_RISING = 0.03  # where the loss on images never seen rises meanwhile
_ROSE = 0.0015


@RULES.register("overfitting")
class Overfitting(Rule):
    title = "Over-fitting"
    gravity = 2
    why = (
        "A network that is large for its images goes on to learn what is peculiar to each of them; the loss on these "
        "still falls, while that on others stands still or rises."
    )
    source = "Prechelt 1998, “Early Stopping, But When?”; Goodfellow et al. 2016, section 7.8"

    def look(self, case: Case) -> Finding | None:
        steps, known = case.series("held_in")
        _, unseen = case.series("held_out")
        if len(known) < 4 or len(known) != len(unseen):
            return None
        gap = unseen - known - (unseen[0] - known[0])  # the two handfuls need not be equally hard
        learnt, best = known[0] - known.min(), int(unseen.argmin())
        rose = unseen[-2:].min() - unseen[best] > _ROSE * learnt
        if learnt <= 0 or gap[-2:].min() < (_RISING if rose else _SHARE) * learnt:
            return None
        since = f"; the latter is rising since step {steps[best]:,.0f}" if rose else ""
        return Finding(
            f"Of what was learnt, {gap[-1] / learnt:.0%} holds for training images alone: their loss is "
            f"{known[-1]:.3g}, that of images never seen {unseen[-1]:.3g}{since}.",
            self.remedy(case, int(steps[best]) if rose else case.info.train.steps),
        )

    def remedy(self, case: Case, best: int) -> Remedy:
        info = case.info
        text, parts = fewer_or_more(info)
        if best < info.train.steps and "data" not in parts:
            parts["train"] |= {"steps": max(best, 2 * info.train.warmup)}
            text += ", and stop where images never seen were drawn best"
        return Remedy(f"Train anew with {text}.", changed(info, **parts))
