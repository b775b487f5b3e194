"""The report as summary.md: for a pull request, a wiki or a mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simrisk.dataset import Results
from simrisk.report.answers import reasons, without_dice
from simrisk.report.content import Prior, compose
from simrisk.report.figures import Figures, Table

# what a reviewer asks first; the rest unfolds
SHOWN = ("Finish", "Finish and cost", "Chances", "Contingency", "Gates", "Tasks that set the date most often")

# what Markdown reads, GitHub's and GitLab's too: they take $x$ for a formula, ~~x~~ for a deletion
SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#~$&"})


def render(run: Results, *, charts: Sequence[tuple[str, str]] = ()) -> str:
    """The answer and the tables of `SHOWN` on a page; everything else is there, folded.

    Parameters
    ----------
    charts : sequence of (caption, path)
        Pictures to show, paths relative to the Markdown file; all but the first are folded.
    """
    report, figures = compose(run), Figures(run)
    blocks = [f"# {plain(report.title)}", plain(report.run)]
    blocks += [f"> **Note:** {plain(warning)}" for warning in report.warnings]
    blocks.append(f"**{plain(report.answer)}**")
    plan = without_dice(figures)
    blocks += [plain(sentence) for sentence in (*([plan.text] if plan else []), *reasons(figures))]
    pictures = [f"![{plain(caption)}]({path})" for caption, path in charts]
    blocks += pictures[:1]
    for table in report.tables:
        if table.title in SHOWN:
            blocks += [f"## {table.title}", _table(table), *map(plain, table.notes)]
    for table in report.tables:
        if table.title not in SHOWN:
            blocks.append(_folded(table.title, [_table(table), *map(plain, table.notes)]))
    if pictures[1:]:
        blocks.append(_folded("More charts", pictures[1:]))
    if report.priors:
        blocks.append(_folded("Priors", ["\n".join(_prior(prior) for prior in report.priors)]))
    digest = run.attrs["scenario_sha256"]
    blocks.append(f"Scenario `{run.attrs['scenario']}.toml`, SHA-256 `{digest}`.")
    return "\n\n".join(blocks) + "\n"


def _folded(title: str, blocks: Sequence[str]) -> str:
    """Blocks that unfold below a title; Markdown within HTML stands between empty lines."""
    return "\n\n".join([f"<details>\n<summary>{title}</summary>", *blocks, "</details>"])


def _prior(prior: Prior) -> str:
    return f"- **{plain(prior.name)}** ({', '.join(f'`{key}`' for key in prior.keys)}): {plain(prior.source)}"


def plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return " ".join(text.split()).translate(SPECIAL)


def _table(table: Table) -> str:
    return grid(table.headers, table.rows, left=table.left)


def grid(headers: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int]) -> str:
    """A table; the columns of `left` are left-aligned, the others right-aligned."""

    def row(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    rule = (":---" if place in left else "---:" for place in range(len(headers)))
    return "\n".join([row(headers), row(rule), *(row(map(plain, cells)) for cells in rows)])
