"""One trial as a Gantt chart beside the plan: work as it was done, pauses, gates, who was away, the chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simrisk.baseline import Bar
from simrisk.charts.canvas import BAND, INK, NAMES_LEFT, QUIET, STYLE, TARGET, headline, tall_axes
from simrisk.charts.days import day_number, day_text
from simrisk.charts.frame import shortened
from simrisk.charts.gantt import moment, ordered
from simrisk.charts.rows import add_bar, list_rows, set_calendar
from simrisk.models.events import Kind
from simrisk.story import Story

ROW_INCHES = 0.235
MOST_TASKS, MOST_PEOPLE = 60, 20
SLIDE_ROWS = (14, 6)  # of tasks and of people, that can be read on a slide
NAME_LETTERS, TITLE_LETTERS = 30, 28
LEAST_DAYS = 0.4  # that a bar is wide
WAITED = "#F7D9C4"  # on the chain, and not worked on
AWAY = {
    Kind.LEAVE: ("#F0E442", r"\\\\", "#857A00", "on leave"),
    Kind.ABSENT: ("#CC79A7", "", "#CC79A7", "absent unplanned"),
    Kind.TAKEN: ("#CC79A7", "", "#CC79A7", "absent unplanned"),
    Kind.LEAVES: ("#6E6E6E", "xxx", "white", "gone"),
    Kind.RETIRES: ("#6E6E6E", "xxx", "white", "gone"),
}  # colour, hatch and its colour, name
Span = tuple[int, int]  # working minutes


@dataclass(frozen=True)
class Rows:
    """What the rows are, from top to bottom."""

    bars: list[Bar]
    left_out: int  # tasks
    people: list[str]
    people_left_out: int

    @property
    def n_bars(self) -> int:
        """Rows of tasks and gates, that of what is left out included."""
        return len(self.bars) + bool(self.left_out)

    @property
    def n(self) -> int:
        """All rows, an empty one before the people included."""
        return self.n_bars + (len(self.people) + 1 + bool(self.people_left_out) if self.people else 0)


def plot_story(story: Story, *, most: tuple[int, int] = (MOST_TASKS, MOST_PEOPLE), ax: Axes | None = None) -> Axes:
    """Draw a trial over the calendar: tasks and gates, and below them the people.

    Parameters
    ----------
    story : Story
        As `simrisk.replay` returns it.
    most : tuple of int
        Rows of tasks and gates, and of people; `SLIDE_ROWS` can be read on a slide.
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are rows.

    Returns
    -------
    matplotlib Axes
    """
    rows = rows_of(story, *most)
    with matplotlib.rc_context(STYLE):
        axes = tall_axes(max(rows.n, 4) * ROW_INCHES) if ax is None else ax
        for place, bar in enumerate(rows.bars):
            _draw_plan(axes, story, bar, place)
            if bar.kind == "gate":
                _draw_gate(axes, story, bar, place)
            else:
                _draw_task(axes, story, bar, place)
        for place, name in enumerate(rows.people, rows.n_bars + 1):
            _draw_person(axes, story, name, place)
        _dress(axes, story, rows)
    return axes


def rows_of(story: Story, most: int = MOST_TASKS, most_people: int = MOST_PEOPLE) -> Rows:
    """Return the rows: of many those on the chain, and of tasks then those that moved most against the plan."""
    bars = ordered(story.told)
    if len(bars) > most:
        planned = {(bar.kind == "gate", bar.id): bar.finish or 0 for bar in story.plan.bars}

        def moved(bar: Bar) -> tuple[bool, int]:
            finish = story.end if bar.finish is None else bar.finish
            return not (bar.critical or bar.kind == "gate"), -abs(finish - planned[bar.kind == "gate", bar.id])

        kept = set(map(id, sorted(bars, key=moved)[:most]))
        bars = [bar for bar in bars if id(bar) in kept]
    had_work = {name for piece in story.pieces for name in piece.who} | {n for step in story.steps for n in step.who}
    people = [person.id for person in story.scenario.people if person.id in had_work]
    chain = {name: sum(step.finish - step.start for step in story.steps if name in step.who) for name in people}
    longest = sorted(people, key=lambda name: -chain[name])[:most_people]
    shown = [name for name in people if name in longest]
    return Rows(bars, len(story.told.bars) - len(bars), shown, len(people) - len(shown))


def row_names(bars: Sequence[Bar]) -> list[str]:
    """Return what the rows are called: names, and ids where names are alike as far as there is room for them."""
    names = [shortened(bar.name, NAME_LETTERS) for bar in bars]
    times = Counter(names)
    return [shortened(bar.id, NAME_LETTERS) if times[name] > 1 else name for bar, name in zip(bars, names, strict=True)]


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans of time that touch or overlap as one."""
    last: Span | None = None
    for start, finish in sorted(spans):
        if last is not None and start <= last[1]:
            last = last[0], max(last[1], finish)
        else:
            if last is not None:
                yield last
            last = start, finish
    if last is not None:
        yield last


def _bar(
    axes: Axes, story: Story, span: Span, place: float, height: float, *, least: float = LEAST_DAYS, **looks: Any
) -> None:
    finish = moment(story.told, span[1], end=True)
    start = moment(story.told, span[0], end=False) if span[0] < span[1] else finish
    add_bar(axes, start, max(finish, start + least), (place, height), **looks)


def _draw_plan(axes: Axes, story: Story, bar: Bar, place: int) -> None:
    planned = next(one for one in story.plan.bars if (one.kind, one.id) == (bar.kind, bar.id))
    if planned.start is None or planned.finish is None:
        return
    looks: dict[str, Any] = {"facecolor": "none", "edgecolor": QUIET, "linewidth": 0.9, "zorder": 5}
    _bar(axes, story, (planned.start, planned.finish), place, 0.84, least=0.0, gid=f"plan-{bar.id}", **looks)


def _draw_task(axes: Axes, story: Story, bar: Bar, place: int) -> None:
    pieces = [piece for piece in story.pieces if piece.task == bar.id]
    steps = [step for step in story.steps if step.behind in ("part", "delay") and step.what == bar.id]
    worked = list(joined((piece.start, piece.finish) for piece in pieces if piece.is_work))
    on_chain = [(step.start, step.finish) for step in steps if step.cause in ("work", "overrun", "handover")]
    waited = [(step.start, step.finish) for step in steps if step.cause not in ("work", "overrun", "handover")]
    if worked:
        ends = [moment(story.told, worked[0][0], end=False), moment(story.told, worked[-1][1], end=True)]
        axes.plot(ends, [place, place], color=BAND, linewidth=1.2, zorder=2)
    for span in joined(waited):
        _bar(axes, story, span, place, 0.5, color=WAITED, zorder=3, gid=f"waited-{bar.id}")
    for span in worked:
        _bar(axes, story, span, place, 0.5, color=BAND, zorder=3, gid=f"work-{bar.id}")
    for span in joined(on_chain):
        _bar(axes, story, span, place, 0.5, color=TARGET, zorder=4, gid=f"chain-{bar.id}")
    if bar.kind == "milestone" and bar.finish is not None:
        _mark(axes, story, bar.finish, place, "D", TARGET if bar.critical else "white", f"milestone-{bar.id}")
    if bar.dropped and bar.finish is not None:
        _mark(axes, story, bar.finish, place, "X", "white", f"dropped-{bar.id}")


def _draw_gate(axes: Axes, story: Story, bar: Bar, place: int) -> None:
    for review in (review for review in story.reviews if review.gate == bar.id):
        finish = story.end if review.finish is None else review.finish
        color = TARGET if bar.critical else BAND
        looks: dict[str, Any] = {"color": color}
        if review.outcome == "extension":
            looks = {"facecolor": WAITED if bar.critical else "white", "edgecolor": color, "hatch": "////"}
        if finish > review.start:
            looks |= {"linewidth": 0.0, "gid": f"review-{bar.id}", "zorder": 3}
            _bar(axes, story, (review.start, finish), place, 0.5, **looks)
        if review.outcome == "no-go":
            _mark(axes, story, finish, place, "X", TARGET if bar.critical else "white", f"no-go-{bar.id}")
    if bar.finish is not None:
        _mark(axes, story, bar.finish, place, "o", TARGET if bar.critical else "white", f"passed-{bar.id}")


def _mark(axes: Axes, story: Story, minute: int, place: int, marker: str, color: str, gid: str) -> None:
    x = moment(story.told, minute, end=True)
    axes.plot([x], [place], marker=marker, markersize=6.5, color=color, markeredgecolor=INK, zorder=6, gid=gid)


def _draw_person(axes: Axes, story: Story, name: str, place: int) -> None:
    mine = [piece for piece in story.pieces if piece.is_work and name in piece.who]
    steps = [step for step in story.steps if name in step.who and step.cause in ("work", "overrun", "handover")]
    for span in joined((piece.start, piece.finish) for piece in mine):
        _bar(axes, story, span, place, 0.3, color=BAND, zorder=3, gid=f"work-{name}")
    for span in joined((step.start, step.finish) for step in steps):
        _bar(axes, story, span, place, 0.3, color=TARGET, zorder=4, gid=f"chain-{name}")
    for spell in (spell for spell in story.spells if spell.person == name):
        color, hatch, edge, _ = AWAY[spell.kind]
        looks: dict[str, Any] = {"facecolor": color, "hatch": hatch, "edgecolor": edge, "linewidth": 0.0}
        _bar(axes, story, (spell.start, spell.finish), place, 0.84, zorder=5, gid=f"away-{name}", **looks)


def _dress(axes: Axes, story: Story, rows: Rows) -> None:
    names = row_names(rows.bars)
    names += [f"... and {rows.left_out:,} that moved less"] if rows.left_out else []
    names += ["", *(shortened(name, NAME_LETTERS) for name in rows.people)] if rows.people else []
    names += [f"... and {rows.people_left_out:,} more"] if rows.people_left_out else []
    list_rows(axes, names, size=9.0)
    day = story.told.view.day_minutes
    last = max(story.told.last_day, story.plan.last_day) * day
    begin, end = moment(story.told, 0, end=False), moment(story.told, last, end=True)
    margin = max((end - begin) * 0.02, 1.0)
    set_calendar(axes, begin - margin, end + margin, both=True)
    handles = _keys(story, rows)
    handles += _lines(axes, story)
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(NAMES_LEFT, 0),
        ncols=4,
        frameon=False,
        fontsize=10,
        columnspacing=1.4,
        handlelength=1.8,
        borderaxespad=3.4,
    )
    headline(axes, _title(story))


def _keys(story: Story, rows: Rows) -> list[Patch | Line2D]:
    """What the bars and marks are, of those that are there."""
    found: list[Patch | Line2D] = [
        Patch(color=BAND, label="at work"),
        Patch(facecolor="none", edgecolor=QUIET, label="plan without dice"),
    ]
    if story.steps:
        names = {TARGET: "at work, set the date", WAITED: "waited, set the date"}
        found[:0] = [Patch(color=color, label=label) for color, label in names.items()]
    shown = {bar.id for bar in rows.bars}
    reviews = {review.outcome for review in story.reviews if review.gate in shown}
    marks = [
        ("o", "gate passed", any(bar.kind == "gate" and bar.finish is not None for bar in rows.bars)),
        ("X", "no-go" + (", or dropped" if any(bar.dropped for bar in rows.bars) else ""), "no-go" in reviews),
        ("X", "dropped", "no-go" not in reviews and any(bar.dropped for bar in rows.bars)),
        ("D", "milestone", any(bar.kind == "milestone" for bar in rows.bars)),
    ]
    for marker, label, applies in marks:
        if applies:
            look = {"marker": marker, "color": "white", "markeredgecolor": INK, "linestyle": "none", "markersize": 8}
            found.append(Line2D([], [], label=label, **look))  # type: ignore[arg-type]
    if "extension" in reviews:
        color = TARGET if any(bar.kind == "gate" and bar.critical for bar in rows.bars) else BAND
        found.append(Patch(facecolor="white", edgecolor=color, hatch="////", linewidth=0, label="gate extended"))
    kinds = {spell.kind for spell in story.spells if spell.person in rows.people}
    looks_of = {AWAY[kind][3]: AWAY[kind] for kind in AWAY if kind in kinds}
    found += [
        Patch(facecolor=color, hatch=hatch, edgecolor=edge, linewidth=0, label=label)
        for label, (color, hatch, edge, _) in looks_of.items()
    ]
    return found


def _lines(axes: Axes, story: Story) -> list[Patch | Line2D]:
    """The deadline, and where the plan without dice and the trial end."""
    found: list[Patch | Line2D] = []
    deadline = story.scenario.project.deadline
    if deadline is not None:
        axes.axvline(day_number(deadline) + 1, color=INK, linewidth=1.6, linestyle="--", zorder=7, gid="deadline")
        found.append(Line2D([], [], color=INK, linewidth=1.6, linestyle="--", label=f"deadline {day_text(deadline)}"))
    if story.plan.outcome == "finished":
        x = moment(story.plan, story.plan.end, end=True)
        axes.axvline(x, color=QUIET, linewidth=1.4, linestyle="-.", zorder=7, gid="plan-finish")
        text = f"plan ends {day_text(story.plan.finish_date(story.plan.end))}"
        found.append(Line2D([], [], color=QUIET, linewidth=1.4, linestyle="-.", label=text))
    return found


def _title(story: Story) -> str:
    end = day_text(story.told.finish_date(story.end))
    how = {"finished": "finished", "stopped": "stopped", "censored": "not finished by"}[story.outcome]
    said = f"{how} {end}" if story.outcome == "censored" else f"{how} on {end}"
    if story.delay:
        days = f"{abs(story.delay) / story.told.view.day_minutes:,.0f}"
        said += f", {days} working days {'after' if story.delay > 0 else 'before'} the plan"
    return f"{shortened(story.scenario.project.name, TITLE_LETTERS)}, trial {story.number:,}: {said}"
