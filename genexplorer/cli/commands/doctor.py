"""What is wrong with a training, and what would mend it."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from genexplorer.cli.console import check_file, out, write_json
from genexplorer.cli.options import parse
from genexplorer.cli.progress import show_training
from genexplorer.cli.store import load_plugins, open_store
from genexplorer.core.errors import UserError

if TYPE_CHECKING:
    from genexplorer.engine.runs import Run

HELP = {"doctor RUN": "what is wrong with a training, and what would mend it"}


def run(arguments: list[str], home: Path | None) -> None:
    from tyro import conf
    from tyro.conf import Positional

    @dataclasses.dataclass
    class Doctor:
        run: Annotated[Positional[str], conf.arg(metavar="RUN")]
        """A run; it may still be training."""
        apply: Annotated[str | None, conf.arg(metavar="FAULT")] = None
        """Train a new run by the remedy for this fault; the old one stays as it is."""
        json: Annotated[str | None, conf.arg(metavar="FILE")] = None
        """Write what was found as JSON to this file; - is standard output."""

    given = parse(Doctor, "doctor", arguments, "A training's faults, told from what it recorded.")
    if given.json:
        check_file(given.json)
    load_plugins()
    from genexplorer.engine.command import command
    from genexplorer.engine.doctor import examine, prescribe

    store = open_store(home)
    report = examine(store.find(given.run))
    if given.apply:
        chosen = [each for each in report.diagnoses if each.rule.name == given.apply]
        if not chosen:
            there = ", ".join(each.rule.name for each in report.diagnoses) or "none"
            raise UserError(f"No {given.apply!r} was found in {given.run}; found: {there}.")
        _train(prescribe(store, report.run, chosen[0].finding.remedy))
        return
    if given.json:
        rows = [
            {
                "fault": each.rule.name,
                "title": each.rule.title,
                "seen": each.finding.seen,
                "why": each.rule.why,
                "source": each.rule.source,
                "remedy": each.finding.remedy.text,
                "start": each.finding.remedy.start,
                "recipes": each.finding.remedy.info.to_json(),
            }
            for each in report.diagnoses
        ]
        write_json(given.json, {"found": rows, "signs": list(report.signs)})
        return
    for each in report.diagnoses:
        out.print(each.rule.title, style="bold", markup=False)
        remedy = each.finding.remedy
        for text in (each.finding.seen, f"{each.rule.why} ({each.rule.source})", remedy.text, each.changes):
            out.print(f"  {text}", markup=False)
        out.print(f"  genexplorer doctor {report.run.name} --apply {each.rule.name}", markup=False)
        if remedy.start is None:
            out.print(f"  {command(remedy.info)}", markup=False)
        out.print()
    if not report.diagnoses:
        out.print("All well." if report.signs else "Nothing to judge yet.")
    for sign in report.signs:
        out.print(f"  {sign}", markup=False)


def _train(run: "Run") -> None:
    from genexplorer.engine.train import train

    show_training(run, train(run))
