"""Draws the charts of the three plans for the documentation: ``python docs/charts.py``, from the main folder.

Writes ``docs/charts/<scenario>/<chart>.svg``, those that `simrisk run`, `show` and `replay` draw, those of `what-if`
in ``docs/charts/what-if``, and the page
``docs/charts.md`` with those of `phase3`, captions and reading help from the gallery.
The same code gives the same bytes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from simrisk.baseline import baseline_of
from simrisk.charts import plot_shares, plot_worth, save
from simrisk.engines import cache
from simrisk.report.pictures import Picture, plan_pictures, save_pictures
from simrisk.report.story_page import late_trial
from simrisk.scenario.load import load
from simrisk.simulation import Experiment
from simrisk.whatif.study import what_if

DOCS = Path(__file__).parent
SCENARIOS = ("phase3", "tier3", "agentic-program")
SHOWN = SCENARIOS[0]
HEAD = f"""# Charts

What `simrisk run scenarios/{SHOWN}.toml` draws, with its own number of trials and seed, and how to read it. Those of
the other plans are in [charts/tier3](charts/tier3) and [charts/agentic-program](charts/agentic-program); where a plan
has nothing for a chart, there is none. What the figures are and where their intervals come from says
[results.md](results.md), how to draw them in Python [python.md](python.md).

For slides there is `--png`; charts of many rows have fewer in those files.

This page and its charts are made by `python docs/charts.py`.
"""


def draw(scenario_id: str) -> list[Picture]:
    """Draw all charts of a plan into its folder; returns them in order."""
    scenario = load(DOCS.parent / "scenarios" / f"{scenario_id}.toml")
    experiment = Experiment(scenario)
    experiment.extend(scenario.simulation.trials)
    experiment.extend_logic()
    folder = DOCS / "charts" / scenario_id
    shutil.rmtree(folder, ignore_errors=True)
    run = experiment.run()
    pictures = save_pictures(run, folder)
    others = [*plan_pictures(baseline_of(scenario))]
    if (story := late_trial(run, scenario).picture) is not None:
        others.append(story)
    for picture in others:
        (folder / f"{picture.name}.svg").write_text(picture.svg, encoding="utf-8")
    return [*pictures, *others]


def draw_what_if() -> None:
    """Draw what `simrisk what-if` draws of the plan shown, for ``docs/what-if.md``; it takes a minute."""
    found = what_if(DOCS.parent / "scenarios" / f"{SHOWN}.toml")
    folder = DOCS / "charts" / "what-if"
    folder.mkdir(parents=True, exist_ok=True)
    save(plot_shares(found), folder / "shares.svg")
    save(plot_worth(found), folder / "worth.svg")


def page(pictures: list[Picture]) -> str:
    """The page that shows them."""
    parts = [
        f"## {picture.caption}\n\n{picture.reading}\n\n![{picture.answer}](charts/{SHOWN}/{picture.name}.svg)\n"
        for picture in pictures
    ]
    return "\n".join([HEAD, *parts])


def main() -> None:
    """Draw everything."""
    cache.enable()
    drawn = {scenario: draw(scenario) for scenario in SCENARIOS}
    draw_what_if()
    (DOCS / "charts.md").write_text(page(drawn[SHOWN]), encoding="utf-8")


if __name__ == "__main__":
    main()
