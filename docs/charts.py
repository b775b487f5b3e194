"""Draws the charts of the three plans for the documentation: ``python docs/charts.py``, from the main folder.

Writes ``docs/charts/<scenario>/<chart>.svg``, those that `simrisk run`, `show` and `replay` draw, those of `what-if`
in ``docs/charts/what-if``, those of the other commands that give advice in ``docs/charts/advice``, and the page
``docs/charts.md`` with those of `phase3`, captions and reading help from the gallery.
The same code gives the same bytes.
"""

from __future__ import annotations

import shutil
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from simrisk.baseline import baseline_of
from simrisk.charts import plot_shares, plot_worth, save
from simrisk.cli import cli
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


ADVICE_HEAD = """# Charts of advice

What the commands draw that ask what something is worth. Days are working days, lines are 95 % intervals of the
difference itself, on the same dice.
"""


@dataclass(frozen=True)
class Advised:
    """A chart of a command that gives advice."""

    caption: str
    reading: str
    path: str  # below docs/charts
    page: str
    command: tuple[str, ...] = ()  # that draws it; what-if is run from Python


ADVICE = (
    Advised(
        "What each cause is worth alone",
        "How many days earlier P80 would be without each cause, the largest first; by the colour, whether it is "
        "chance, somebody everything waits for, a rule of the plan, or a mitigation. Beside it what that does to the "
        "mean cost. Causes overlap, so the bars do not add up.",
        "what-if/worth.svg",
        "what-if.md",
    ),
    Advised(
        "What makes it late: shares that add up",
        "From the plan without dice at the left to P80 at the right: the share of each cause that is left to chance. "
        "These do add up.",
        "what-if/shares.svg",
        "what-if.md",
    ),
    Advised(
        "Who would be missed when",
        "A row for each person and length of absence, a column for each week in which it could begin: the darker, the "
        "later P80. Light grey may be chance. The framed week is the worst; beside the row stands what it does, "
        "measured again on other trials.",
        "advice/away.svg",
        "away.md",
        ("away", f"scenarios/{SHOWN}.toml", "--no-cover"),
    ),
    Advised(
        "What a no-go could lead to",
        "P50 and P80 with each policy, gate by gate and for all gates together; at the right by how much P80 moves. "
        "Where too many trials are stopped there is no date. What goes on without a go has no price here.",
        "advice/policies.svg",
        "gates.md",
        ("gates", f"scenarios/{SHOWN}.toml"),
    ),
    Advised(
        "Mitigations against money",
        "Each point is a set of mitigations: how much earlier P80 is, and what it adds to the mean cost; left of 0 it "
        "saves money. The line joins the sets that no cheaper one beats. Here of the agentic programme; phase3 has no "
        "mitigations.",
        "advice/portfolio.svg",
        "portfolio.md",
        ("portfolio", "scenarios/agentic-program.toml"),
    ),
    Advised(
        "One value after the other",
        "P50 and P80 for each value of a key, with the plan as in the file marked.",
        "advice/sweep.svg",
        "sweep.md",
        ("sweep", f"scenarios/{SHOWN}.toml", "--set", "people.ECLIPSE.fte=0.6..1.0:0.1"),
    ),
)


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


def draw_advice() -> None:
    """Draw what the other commands that give advice draw, as they draw it; it takes some minutes."""
    for advised in ADVICE:
        if not advised.command:
            continue
        made = DOCS / "charts" / advised.path
        made.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            cli.main([*advised.command, "--out", folder, "--quiet"], standalone_mode=False)
            shutil.copyfile(Path(folder) / "charts" / made.name, made)


def advice_page() -> str:
    """The second half of the page, of the charts of advice."""
    parts = [
        f"### {advised.caption}\n\n{advised.reading} See [{advised.page}]({advised.page}).\n\n"
        f"![{advised.caption}](charts/{advised.path})\n"
        for advised in ADVICE
    ]
    return "\n".join([ADVICE_HEAD, *parts])


def page(pictures: list[Picture]) -> str:
    """The page that shows them."""
    parts = [
        f"## {picture.caption}\n\n{picture.reading}\n\n![{picture.answer}](charts/{SHOWN}/{picture.name}.svg)\n"
        for picture in pictures
    ]
    return "\n".join([HEAD, *parts, advice_page()])


def main() -> None:
    """Draw everything."""
    cache.enable()
    drawn = {scenario: draw(scenario) for scenario in SCENARIOS}
    draw_what_if()
    draw_advice()
    (DOCS / "charts.md").write_text(page(drawn[SHOWN]), encoding="utf-8")


if __name__ == "__main__":
    main()
