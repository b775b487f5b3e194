"""What `simrisk show` prints: the plan without dice as a Gantt chart, what sets the date, load against capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from simrisk.baseline import Bar, Baseline, Load
from simrisk.report.columns import aligned, shortened, wrapped

LEAST, MOST = 72, 180  # columns of text
LABEL = 30  # columns of a task's name at most
BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"
CAUSES = {
    "work": "work",
    "overrun": "more work than planned",
    "busy": "its people are at other work",
    "calendar": "date, sprint, ceremony or lag",
    "leave": "leave",
    "absence": "absence",
    "gate": "review, extension, rework",
    "handover": "handover",
    "hiring": "somebody is still to be hired",
    "risk": "delay of a risk",
}
CHAIN = 64  # columns of a line of the chain without the task's name


@dataclass(frozen=True)
class Glyphs:
    """What the chart is drawn with."""

    bar: str
    critical: str
    milestone: str
    gate: str
    sprint: str
    deadline: str


BLOCKS = Glyphs("░", "█", "◆", "◇", "·", "│")
LETTERS = Glyphs("-", "#", "*", "o", ".", "|")


def render(baseline: Baseline, *, width: int = 100, letters: bool = False, color: bool = False) -> str:
    """Return the whole answer.

    Parameters
    ----------
    width : int
        Columns of the terminal.
    letters : bool
        Draw with ASCII only.
    color : bool
        Set headings bold and what is too much red.
    """
    width = min(max(width, LEAST), MOST)

    def heading(text: str) -> str:
        return f"{BOLD}{text}{PLAIN}" if color else text

    blocks = [f"{heading(baseline.scenario.project.name)}: {_answer(baseline)}"]
    blocks[0] = wrapped(blocks[0], width)
    blocks.append("\n".join([heading("Plan without dice"), *gantt(baseline, width, LETTERS if letters else BLOCKS)]))
    if baseline.chain:
        blocks.append("\n".join([heading("What sets the date"), *chain(baseline, width)]))
    if baseline.loads:
        blocks.append("\n".join([heading(_load_heading(baseline)), *_load(baseline, width, color=color)]))
    if baseline.scenario.pools:
        blocks.append("\n".join([heading("Heads of the pools by month, as planned"), *heads(baseline, width)]))
    return "\n\n".join(blocks) + "\n"


def _answer(baseline: Baseline) -> str:
    project, end = baseline.scenario.project, baseline.finish_date(baseline.end)
    day = baseline.view.day_minutes
    if baseline.outcome == "stopped":
        return f"without dice it is stopped at a gate on {end}."
    if baseline.outcome == "censored":
        return f"without dice it is not finished by the horizon, {end}."
    text = f"without dice it is finished on {end}, after {baseline.end / day:,.1f} working days"
    if project.deadline is not None:
        late = baseline.end / day - (baseline.view.deadline_day or 0)
        how = "on" if late == 0 else f"{abs(late):,.1f} working days {'after' if late > 0 else 'before'}"
        text += f", {how} the deadline ({project.deadline})"
    text += f", and costs {baseline.cost / 100:,.0f} {project.currency}."
    network = baseline.view.network
    if network is not None and network.finish < baseline.end:
        text += f" With everybody free whenever needed it would be {baseline.finish_date(network.finish)}."
    return text


# Gantt


def gantt(baseline: Baseline, width: int, glyphs: Glyphs = BLOCKS) -> list[str]:
    """Return the chart, a line a task, milestone, gate and sprint."""
    label = min(LABEL, max((len(bar.id) for bar in baseline.bars), default=8))
    axis = _Axis(baseline, max(width - label - 19, 20))
    lines = [" " * (label + 19) + axis.months().rstrip()]
    for row in _rows(baseline):
        if isinstance(row, Bar):
            dates = "never" if row.start is None else _dates(baseline, row.start, row.finish)
            dates = f"{dates} (dropped)" if row.dropped and row.start is None else dates
            name = shortened(row.id, label)
            lines.append(f"  {name:<{label}}  {dates:<13}  {axis.bar(row, glyphs)}".rstrip())
        else:
            name, start, end = row
            lines.append(f"  {shortened(name, label + 15):<{label + 15}}  {axis.span(start, end, glyphs)}".rstrip())
    said = f"{glyphs.critical} sets the date  {glyphs.bar} has time"
    kinds = {bar.kind for bar in baseline.bars}
    said += f"  {glyphs.milestone} milestone" if "milestone" in kinds else ""
    said += f"  {glyphs.gate} gate" if "gate" in kinds else ""
    said += f"  {glyphs.deadline} deadline" if baseline.scenario.project.deadline else ""
    return [*lines, "  " + said]


Row = Bar | tuple[str, int, int]


def _rows(baseline: Baseline) -> list[Row]:
    """Sprints with their tasks and gates in order of their starts; what is in no sprint after them."""
    rows: list[Row] = []
    length = [end - begin for begin, end in baseline.view.sprints]
    for number, (name, opened) in enumerate(baseline.sprints, 1):
        if opened is not None:
            end = opened + length[number - 1] * baseline.view.day_minutes
            rows.append((f"{number}. {name}" if name != str(number) else f"Sprint {name}", opened, end))
        rows += _in_order([bar for bar in baseline.bars if bar.sprint == number])
    return [*rows, *_in_order([bar for bar in baseline.bars if bar.sprint is None])]


def _in_order(bars: list[Bar]) -> list[Bar]:
    last = max((bar.finish or 0 for bar in bars), default=0) + 1
    return sorted(bars, key=lambda bar: (bar.kind == "gate", last if bar.start is None else bar.start))


def _dates(baseline: Baseline, start: int, finish: int | None) -> str:
    first = baseline.start_date(start)
    if finish is None:
        return f"{first:%d %b}-"
    if finish == start:
        return f"{baseline.finish_date(finish):%d %b}"
    last = baseline.finish_date(finish)
    return f"{first:%d %b}" if first == last else f"{first:%d %b}-{last:%d %b}"


class _Axis:
    """Working minutes to columns."""

    def __init__(self, baseline: Baseline, columns: int) -> None:
        self.baseline = baseline
        self.columns = columns
        self.whole = baseline.last_day * baseline.view.day_minutes
        deadline = baseline.view.deadline_day
        self.deadline = None if deadline is None else self.column(deadline * baseline.view.day_minutes - 1)

    def column(self, minute: int) -> int:
        return min(max(minute, 0) * self.columns // self.whole, self.columns - 1)

    def months(self) -> str:
        """Names of the months where they begin, as many as have room; the year with the first and each January."""
        line = [" "] * self.columns
        free, named = 0, None
        for first, (begin, _) in self.baseline.view.month_windows(self.baseline.last_day):
            at = self.column(begin * self.baseline.view.day_minutes)
            text = f"{first:%b}" if named == first.year else f"{first:%b %y}"
            if at < free or at + len(text) > self.columns or begin >= self.baseline.last_day:
                continue
            line[at : at + len(text)] = text
            free, named = at + len(text) + 1, first.year
        return "".join(line)

    def _empty(self, glyphs: Glyphs) -> list[str]:
        line = [" "] * self.columns
        if self.deadline is not None:
            line[self.deadline] = glyphs.deadline
        return line

    def bar(self, bar: Bar, glyphs: Glyphs) -> str:
        line = self._empty(glyphs)
        if bar.start is None:
            return "".join(line)
        finish = self.whole if bar.finish is None else bar.finish
        if bar.kind != "task":
            line[self.column(max(finish - 1, 0))] = glyphs.gate if bar.kind == "gate" else glyphs.milestone
            return "".join(line)
        for at in range(self.column(bar.start), self.column(max(finish - 1, bar.start)) + 1):
            line[at] = glyphs.critical if bar.critical else glyphs.bar
        return "".join(line)

    def span(self, start: int, end: int, glyphs: Glyphs) -> str:
        line = self._empty(glyphs)
        for at in range(self.column(start), self.column(max(end - 1, start)) + 1):
            line[at] = glyphs.sprint if line[at] == " " else line[at]
        return "".join(line)


# Chain


def chain(baseline: Baseline, width: int) -> list[str]:
    """Return the stretches of the chain, a line each, and their sums by cause."""
    day = baseline.view.day_minutes
    rows: list[tuple[str, ...]] = [("from", "to", "days", "what", "why")]
    total: dict[str, int] = {}
    for piece in baseline.chain:
        total[piece.cause] = total.get(piece.cause, 0) + piece.finish - piece.start
        first, last = baseline.start_date(piece.start), baseline.finish_date(piece.finish)
        days = (piece.finish - piece.start) / day
        rows.append((str(first), str(last), f"{days:.1f}", shortened(piece.what, width - CHAIN), CAUSES[piece.cause]))
    sums = ", ".join(f"{cause} {minutes / day:.1f}" for cause, minutes in sorted(total.items(), key=lambda e: -e[1]))
    return [*aligned(rows, left=(0, 1, 3, 4)), wrapped(f"  In days: {sums}.", width, "  ")]


# Load


def _load_heading(baseline: Baseline) -> str:
    by = "sprint, as planned" if baseline.by_sprint else "month, without dice"
    return f"Load in percent of the time each has, by {by}"


def _load(baseline: Baseline, width: int, *, color: bool) -> list[str]:
    names = [period.name for period in baseline.periods]
    table = {
        load.id: [*(_percent(*pair) for pair in zip(load.asked, load.has, strict=True))] for load in baseline.loads
    }
    sums = {load.id: _hours(load) for load in baseline.loads}
    lines = _blocks(names, table, width, sums=("hours", sums))
    if color:
        lines = [
            " ".join(f"{RED}{cell}{PLAIN}" if cell.endswith("!") else cell for cell in line.split(" "))
            for line in lines
        ]
    over = any(cell.endswith("!") for cells in table.values() for cell in cells)
    return [*lines, "  ! more than there is"] if over else lines


def _percent(asked: Fraction, has: Fraction) -> str:
    if not asked:
        return "."
    if not has:
        return "none!"
    return f"{round(float(100 * asked / has))}" + ("!" if asked > has else "")


def _hours(load: Load) -> str:
    asked, has = (float(sum(part, Fraction(0))) / 60 for part in (load.asked, load.has))
    return f"{asked:,.0f} of {has:,.0f}"


def heads(baseline: Baseline, width: int) -> list[str]:
    """Return heads by pool and month, with their sums: heads by month, person-months by pool."""
    months, table = baseline.heads()
    names = [f"{first:%b %y}" for first in months]
    total = [sum(column, Fraction(0)) for column in zip(*table.values(), strict=True)]
    rows = {**table, "all": tuple(total)}
    cells = {pool: [_number(value) for value in values] for pool, values in rows.items()}
    sums = {pool: _number(sum(values, Fraction(0))) for pool, values in rows.items()}
    return _blocks(names, cells, width, sums=("months", sums))


def _number(value: Fraction) -> str:
    return f"{float(value):.4g}" if value else "."


def _blocks(
    columns: Sequence[str], table: dict[str, list[str]], width: int, *, sums: tuple[str, dict[str, str]]
) -> list[str]:
    """Lay a table out in as many blocks below each other as it takes; the sums stand in the last one."""
    label = min(LABEL, max(len(name) for name in table))
    cell = max(len(text) for row in (list(columns), *table.values()) for text in row) + 2
    whole = max(len(text) for text in (sums[0], *sums[1].values())) + 2
    room = max((width - label - 4 - whole) // cell, 1)
    lines: list[str] = []
    for first in range(0, len(columns), room):
        last = first + room >= len(columns)
        rows = [("", *columns[first : first + room], *([sums[0]] if last else []))]
        rows += [
            (shortened(name, label), *cells[first : first + room], *([sums[1][name]] if last else []))
            for name, cells in table.items()
        ]
        lines += ([""] if lines else []) + aligned(rows)
    return lines
