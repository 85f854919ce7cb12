"""A learning rate that is too high: the loss breaks, leaps up, or rocks."""

import numpy as np

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed, smooth

_RISE = 0.1  # of all that the loss had fallen; a healthy run rises by less than a hundredth
_NOISE = 5.0  # times the usual change from row to row
_ROCKS = 0.5
_USUAL = 2e-3


@RULES.register("learning_rate_too_high")
class LearningRateTooHigh(Rule):
    title = "Learning rate too high"
    gravity = 3
    why = (
        "A step that is longer than the valley is wide climbs the other wall: the loss rocks or leaps instead of "
        "falling, and units that are thrown out of reach stay there."
    )
    source = "LeCun et al. 1998, “Efficient BackProp”, section 5; Goodfellow et al. 2016, section 11.4.1"

    def look(self, case: Case) -> Finding | None:
        if case.broken:
            times = "once" if len(case.broken) == 1 else f"{len(case.broken)} times"
            return self.found(
                case, f"The loss became infinite {times}, first at step {case.broken[0]:,}.", case.broken[0]
            )
        steps, loss = case.series("loss")
        after = steps > case.info.model.settled
        if after.sum() < 8 or case.step <= case.info.train.warmup:
            return None
        fall = max(0.0, float(loss[0] - loss[after].min()))
        steps, loss = steps[after], loss[after]
        even, usual = smooth(loss), float(np.median(np.abs(np.diff(loss))))
        rise = even - np.minimum.accumulate(even)
        high = (rise > _RISE * fall) & (rise > _NOISE * usual)
        high[:2] = False
        if high.any():
            at = int(high.argmax())
            top = float(even[at:].max())
            return self.found(
                case, f"The loss had come down to {even[:at].min():.3g} and rose again to {top:.3g}.", int(steps[at])
            )
        if usual > _ROCKS * fall > 0 and loss.max() > loss.min() + 2 * fall:
            return self.found(case, f"The loss leaps by {usual:.2g} from row to row; in all it fell by {fall:.2g}.", 0)
        return None

    def found(self, case: Case, seen: str, at: int) -> Finding:
        train = case.info.train
        lr = _USUAL if train.lr > 2 * _USUAL else train.lr / 4
        kept = [step for step in case.checkpoints if train.warmup < step < at and self.sound(case, step)]
        whence = f"Go on from the checkpoint of step {kept[-1]:,}" if kept else "Train anew"
        fields = {"lr": lr, "warmup": max(train.warmup, 100), "clip": train.clip or 1.0}
        return Finding(
            f"{seen} The learning rate is {train.lr:g}.",
            Remedy(
                f"{whence} with a learning rate of {lr:g}.",
                changed(case.info, train=fields),
                kept[-1] if kept else None,
            ),
            explains=("dead_units", "exploding_gradients", "overfitting", "posterior_collapse", "vanishing_gradients"),
        )

    def sound(self, case: Case, step: int) -> bool:
        """Whether most of what was ever learnt was there by then."""
        steps, loss = case.series("loss")
        then = loss[steps <= step]
        return len(then) > 0 and bool(then[-1] < (loss[0] + loss.min()) / 2)
