"""Dead words: most of a codebook stands for nothing."""

from genexplorer.engine.doctor import RULES, Case, Finding, Remedy, Rule, changed

_SHARE = 0.2  # small data sets that are learnt well leave up to three quarters of the usual book alone
_DECAY = 0.99


@RULES.register("dead_words")
class DeadWords(Rule):
    title = "Dead words"
    gravity = 1
    why = (
        "Each vector is drawn to the word that is nearest already, so words that start far away are never moved. Those "
        "that fall idle begin anew where vectors are, but stay idle where there are fewer kinds of vectors than words."
    )
    source = "Dhariwal et al. 2020, “Jukebox”, section 3; Łańcucki et al. 2020, section III"

    def look(self, case: Case) -> Finding | None:
        used = case.lately("in_use")
        if not len(used) or used.max() >= _SHARE:
            return None
        codes, decay = case.info.model.codes, case.info.model.decay  # type: ignore[attr-defined]
        words = max(1, round(float(used[-1]) * codes))
        fewer = max(2, min(codes // 2, 2 ** (words - 1).bit_length()))
        fields, text = {"codes": fewer}, f"Train anew with {fewer:,} words"
        if decay > _DECAY:
            fields["decay"] = _DECAY
            text += ", and let those that fall idle begin anew sooner"
        return Finding(
            f"In a whole epoch {words:,} of {codes:,} words are in use.",
            Remedy(f"{text}.", changed(case.info, model=fields)),
        )
