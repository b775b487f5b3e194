"""What `simrisk replay` prints: what happened in one trial, and why it ended when it did."""

from __future__ import annotations

from simrisk.report import words
from simrisk.report.columns import aligned, wrapped
from simrisk.report.story_lines import lines
from simrisk.report.story_why import against_deadline, by_cause, in_short, rows, state, why
from simrisk.report.story_words import listed, weekday
from simrisk.story import Story
from simrisk.story.model import AT_WORK

LEAST, MOST = 72, 120  # columns of text
BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"
STAMP = 18  # columns of date and time
BRIEF = "Told is what moved the finish, and handovers, gates, risks and absences that held up work."


def render(story: Story, *, width: int = 100, everything: bool = False, color: bool = False) -> str:
    """Return the whole story.

    Parameters
    ----------
    width : int
        Columns of the terminal.
    everything : bool
        Tell all that happened, not only what moved the finish, absences, handovers and gates.
    color : bool
        Set headings bold, and mark what moved the finish where everything is told.
    """
    width = min(max(width, LEAST), MOST)

    def heading(text: str) -> str:
        return f"{BOLD}{text}{PLAIN}" if color else text

    blocks = [wrapped(f"{heading(story.scenario.project.name)}: {opening(story)}", width)]
    blocks.append("\n".join([heading("What happened"), *happened(story, width, everything=everything)]))
    blocks.append("\n".join([heading(why(story)), *reasons(story, width)]))
    return "\n\n".join(blocks) + "\n"


def opening(story: Story) -> str:
    """Return which trial it is, why this one, and how it ended."""
    text = f"trial {story.number:,} of seed {story.seed}"
    text += ", drawn in Latin hypercubes" if story.sampling == "lhs" else ""
    if story.chosen is not None:
        text += f", of {words.count(story.chosen.trials, 'trial')} {_nearest(story)}"
    end = story.moment(story.end, ending=True)
    stamp = f"{weekday(end)} {end:%Y, %H:%M}"
    how = {
        "finished": f"finished on {stamp}",
        "stopped": f"stopped at a gate on {stamp}",
        "censored": f"not finished by the horizon, {stamp}",
    }
    text += f". It is {how[story.outcome]}{against_deadline(story)}"
    if story.cost:
        text += f"; it costs {words.money(story.cost / 100)} {story.scenario.project.currency}"
    return text + "."


def _nearest(story: Story) -> str:
    chosen = story.chosen
    assert chosen is not None
    of, _, figure = chosen.metric.rpartition(".")
    level = f"{figure.upper()} of the {of}" if of in ("finish", "cost", "delay") else chosen.metric
    return f"the first of those among which {level} lies" if chosen.level is None else f"the one nearest {level}"


def happened(story: Story, width: int, *, everything: bool) -> list[str]:
    """Return the events, a line each, with the year where it changes."""
    found: list[str] = []
    year = None
    before = ""
    for line in lines(story):
        if not (everything or line.is_brief):
            continue
        if line.moment.year != year:
            year = line.moment.year
            found.append(f"  {year}")
        mark = "*" if everything and line.moved else " "
        stamp = f"{line.moment:%a} {line.moment.day:>2} {line.moment:%b %H:%M}"
        shown = "" if stamp == before else stamp
        before = stamp
        head = f"{mark} {shown:<{STAMP}}"
        found += wrapped(head + line.text, width, " " * (STAMP + 2)).split("\n")
    more = "Where a line begins with *, a stretch of the chain below begins or ends."
    if not everything:
        more = f"{BRIEF} With --all everything is."
    return [*found, wrapped(f"  {clock_note(story)} {more}", width, "  ")]


def clock_note(story: Story) -> str:
    """Return what the times of day take for granted."""
    return f"Times take it that a working day begins at {story.moment(0):%H:%M} and has no break."


def reasons(story: Story, width: int) -> list[str]:
    """Return the chain in stretches, and its causes beside those of the plan without dice."""
    if not story.steps:
        return still_open(story, width)
    short = in_short(story)
    found = [wrapped(f"  {short}", width, "  ")] if short else []
    for row in rows(story):
        head = f"  {row.dates:<27}{row.days:>6}  "
        found += wrapped(f"{head}{row.what}: {row.text}", width, " " * len(head)).split("\n")
    table = aligned(by_cause(story))
    return [*found, "", *table]


def still_open(story: Story, width: int) -> list[str]:
    """Return what was not finished when a trial ended early."""
    found = []
    for entry in story.open:
        since = story.moment(entry.since)
        by = f" by {listed(entry.who)}" if entry.cause in AT_WORK and entry.who else ""
        how = f"{state(story, entry.cause, entry.who)}{by}, since {weekday(since)} {since:%Y}"
        found.append(wrapped(f"  {entry.task}: {how}.", width, "    "))
    return found or ["  No task had begun that was not finished."]
