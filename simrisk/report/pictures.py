"""Charts as SVG texts: drawn once, written to files as they are, and set into a page so that several do not clash."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simrisk.baseline import Baseline
from simrisk.dataset import Results, write_text
from simrisk.garbage import undisturbed
from simrisk.report.figures import Figures, Table
from simrisk.report.gallery import Chart, charts_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 90  # of a Gantt chart that can still be read on a page

REFERENCE = re.compile(r'(?:href="#|url\(#)([^")]+)')
NUMBERED = re.compile(r"[A-Za-z0-9.]+_\d+")  # what matplotlib calls everything that nobody has named
PATH = re.compile(r' d="([^"]*)"')
# what is taken out of a path: it takes a third of the time that it takes to put a part of it back
LINE_END, AFTER_LETTER = re.compile(r"\s*\n\s*"), re.compile(r"(?<=[A-Za-z]) ")
DIGITS = re.compile(r"(?<=\.\d\d)\d+")


@dataclass(frozen=True)
class Picture:
    """A chart that has been drawn.

    Parameters
    ----------
    name, caption, reading : str
        As in the gallery.
    answer : str
        Its title.
    svg : str
        An SVG file.
    table : Table, optional
        Its numbers.
    """

    name: str
    caption: str
    reading: str
    answer: str
    svg: str
    table: Table | None = None


def drawn(chart: Chart, run: Results) -> tuple[Picture, Axes]:
    """Draw a chart of a run; returns it with its axes."""
    from simrisk.charts import svg_text, title_of

    axes, table = chart.plot(run), chart.table(Figures(run))
    return Picture(chart.name, chart.caption, chart.reading, title_of(axes), svg_text(axes), table), axes


def save_pictures(run: Results, folder: Path, endings: Sequence[str] = ("svg",)) -> list[Picture]:
    """Draw every chart that a run has something for, once, into a folder that is made; returns them.

    PNG files are for slides: what has more rows than can be read there is drawn again for them, with fewer.
    """
    quiet()
    folder.mkdir(parents=True, exist_ok=True)
    with undisturbed():
        return [saved(chart, run, folder, endings) for chart in charts_of(run)]


def saved(chart: Chart, run: Results, folder: Path, endings: Sequence[str]) -> Picture:
    """Draw a chart into a folder."""
    from simrisk.charts import save

    picture, axes = drawn(chart, run)
    if "svg" in endings:
        write_text(folder / f"{chart.name}.svg", picture.svg)
    if "png" in endings:
        few = chart.plot(run, rows=chart.slide_rows) if chart.slide_rows else axes
        save(few, folder / f"{chart.name}.png")
    return picture


def quiet() -> None:
    """An application has its own messages; where matplotlib keeps its fonts is no concern of the user's."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def plan_pictures(baseline: Baseline) -> Iterator[Picture]:
    """The plan without dice: Gantt chart and load, as `simrisk show` draws them."""
    from simrisk.charts import plot_gantt, plot_load, svg_text, title_of

    quiet()
    if 0 < len(baseline.bars) <= MOST_BARS:
        axes = plot_gantt(baseline)
        reading = (
            "Each bar is a task where the plan without dice has it. Those in the strong colour set the date: a day "
            "lost there is a day lost at the end."
        )
        yield Picture("plan-gantt", "The plan without dice", reading, title_of(axes), svg_text(axes), _gantt(baseline))
    if baseline.loads:
        axes = plot_load(baseline)
        reading = (
            "Each cell is the share of somebody's time that is planned. Over 100 % the work does not fit and moves on "
            "to a later time."
        )
        caption = "Load against capacity, as planned"
        yield Picture("plan-load", caption, reading, title_of(axes), svg_text(axes), _load(baseline))


def _gantt(baseline: Baseline) -> Table:
    rows = tuple(
        (
            bar.id if bar.name in ("", bar.id) else f"{bar.id} ({bar.name})",
            bar.kind,
            "-" if bar.start is None or bar.kind != "task" else str(baseline.start_date(bar.start)),
            "-" if bar.finish is None else str(baseline.finish_date(bar.finish)),
            "yes" if bar.critical else "-",
        )
        for bar in baseline.bars
    )
    head = ("", "kind", "start", "finish", "sets the date")
    return Table("The plan without dice, in dates", head, rows, left=(0, 1))


def _load(baseline: Baseline) -> Table:
    rows = tuple(
        (load.id, *(_hours(*pair) for pair in zip(load.asked, load.has, strict=True))) for load in baseline.loads
    )
    names = tuple(f"sprint {period.name}" if period.sprint else period.name for period in baseline.periods)
    return Table("Hours planned, of hours there are", ("", *names), rows)


def _hours(asked: object, has: object) -> str:
    planned, there = (float(minutes) / 60 for minutes in (asked, has))  # type: ignore[arg-type]
    return f"{planned:,.0f} of {there:,.0f}"


def inlined(svg: str, prefix: str) -> str:
    """An SVG file as an element of a page.

    Ids that something refers to get the prefix, since each chart numbers its own; other names become ``data-gid``.
    Namespaces, metadata and styles for everything are dropped, and coordinates keep two decimals.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>\s*", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    used = set(REFERENCE.findall(body))

    def renamed(match: re.Match[str]) -> str:
        name = match[1]
        if name in used:
            return f' id="{prefix}-{name}"'
        return "" if NUMBERED.fullmatch(name) else f' data-gid="{name}"'

    body = re.sub(r' id="([^"]*)"', renamed, body)
    body = re.sub(r'href="#', f'href="#{prefix}-', body)
    body = re.sub(r"url\(#", f"url(#{prefix}-", body)
    body = PATH.sub(_shortened, body)
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', body)
    assert size is not None
    head = f'<svg viewBox="0 0 {size[1]} {size[2]}" aria-hidden="true" focusable="false">'
    body = re.sub(r"<svg[^>]*>", head, body, count=1)
    return re.sub(r">\s+<", "><", body).strip()


def _shortened(match: re.Match[str]) -> str:
    """A path with fewer digits and without line ends."""
    path = AFTER_LETTER.sub("", LINE_END.sub("", DIGITS.sub("", match[1])))
    return f' d="{path.strip()}"'
