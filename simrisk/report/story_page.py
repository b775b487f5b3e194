"""The section of the report that tells a typical late trial: the one nearest P80, its chart, and why it was late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simrisk.dataset import Results
from simrisk.report import words
from simrisk.report.figures import Table
from simrisk.report.pictures import Picture, quiet
from simrisk.report.story_lines import lines
from simrisk.report.story_text import BRIEF, clock_note, opening, still_open
from simrisk.report.story_why import by_cause, in_short, rows, why
from simrisk.scenario.model import Scenario
from simrisk.story import LATE, Story, nearest, retold_of

MOST_TASKS = 300  # of a plan that the models live through in a second or two
READING = (
    "Each bar is a task as it went in this one simulated project, with gaps where it waited; the thin outlines are the "
    "plan without dice. What is in the strong colour set the date: it was worked on, or waited for, while everything "
    "else could not go on without it."
)
PEOPLE = " Below are the people, at work and away."


@dataclass(frozen=True)
class Tale:
    """A trial, told for the page.

    Parameters
    ----------
    text : tuple of str
        Which trial it is, and how it ended.
    picture : Picture, optional
    tables : tuple of Table
    """

    text: tuple[str, ...]
    picture: Picture | None = None
    tables: tuple[Table, ...] = ()


def late_trial(run: Results, scenario: Scenario) -> Tale:
    """Tell the trial nearest P80 of the finish; of a large plan, or a run of other numbers, only which it is."""
    number, chosen = nearest(run, LATE)
    named = f"Trial {number:,} is the one nearest P80 of {words.count(chosen.trials, 'trial')}"
    command = f"simrisk replay tells it: --trial {number} --seed {run.attrs['seed']}"
    if len(scenario.tasks) > MOST_TASKS:
        return Tale((f"{named}. The plan is large; {command}.",))
    story = retold_of(run, scenario)
    if story is None:
        return Tale((f"{named}. This version of simrisk gives other numbers for it, so it is not told here.",))
    text = opening(story)
    said = (
        f"{text[0].upper()}{text[1:]} {in_short(story)}".strip(),
        "It is one simulated project of many, not a forecast: it shows how the figures of this report come about.",
    )
    return Tale(said, _picture(story), tuple(_tables(story)))


def _picture(story: Story) -> Picture:
    from simrisk.charts import plot_story, svg_text, title_of
    from simrisk.charts.story import rows_of

    quiet()
    axes = plot_story(story)
    reading = READING + PEOPLE * bool(rows_of(story).people)
    return Picture("story", "A typical late trial beside the plan", reading, title_of(axes), svg_text(axes))


def _tables(story: Story) -> Sequence[Table]:
    told = [
        (f"{line.moment:%a} {line.moment.day} {line.moment:%b %Y, %H:%M}", line.text)
        for line in lines(story)
        if line.is_brief
    ]
    happened = Table("What happened", ("when", "what"), tuple(told), (_note(story),), left=(0, 1))
    if not story.steps:
        unfinished = tuple((text.strip().replace("\n", " "),) for text in still_open(story, 10_000))
        return Table(why(story), ("",), unfinished), happened
    spent = tuple((row.dates, row.days, row.what, row.text) for row in rows(story))
    headers = ("", "days", "what everything waited for", "what its days went into")
    chain = Table(why(story), headers, spent, left=(0, 2, 3))
    head, *causes = by_cause(story)
    return chain, Table("The same by cause", ("", *head[1:]), tuple(causes), ("Working days.",)), happened


def _note(story: Story) -> str:
    return f"{clock_note(story)} {BRIEF}"
