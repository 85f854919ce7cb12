"""Questions one after another: which goes first, and which takes whose place."""

from genexplorer.engine.query import Query
from genexplorer.gui.errands import Errands


class Draw(Query):
    pass


class Save(Query):
    pass


class Measure(Query):
    pass


def test_turns() -> None:
    sent: list[Query] = []
    errands = Errands(sent.append, Measure)
    draw, again, save, measure = Draw(None), Draw(None), Save(None), Measure(None)  # type: ignore[arg-type]
    errands.ask(draw)
    errands.ask(measure)
    errands.ask(save)
    assert sent == [draw] and errands.now is draw
    errands.ask(again)  # of its kind: the older one's answer is not wanted any more
    assert sent[-1] is again
    errands.ended()
    assert errands.now is save  # the patient one goes last
    errands.ended()
    assert errands.now is measure
    errands.ask(draw)  # and lets others go first
    assert errands.now is draw
    errands.ended()
    assert errands.now is measure and sent[-1] is measure
    errands.ask(save)
    errands.forget(Measure)
    errands.ended()
    assert errands.now is None
    errands.ask(draw)
    errands.ask(save)
    errands.clear()
    errands.ended()
    assert errands.now is None and sent[-1] is draw
