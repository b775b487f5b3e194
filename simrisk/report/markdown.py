"""The report as summary.md: for a pull request, a wiki or a mail."""

from __future__ import annotations

from collections.abc import Sequence

from simrisk.dataset import Results
from simrisk.report.content import Prior, compose
from simrisk.report.figures import Table

SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#"})


def render(run: Results, *, charts: Sequence[tuple[str, str]] = ()) -> str:
    """The whole report.

    Parameters
    ----------
    charts : sequence of (caption, path)
        Pictures to show, paths relative to the Markdown file.
    """
    report = compose(run)
    blocks = [f"# {_plain(report.title)}", _plain(report.run)]
    blocks += [f"> **Note:** {_plain(warning)}" for warning in report.warnings]
    blocks.append(f"**{_plain(report.answer)}**")
    blocks += [f"![{_plain(caption)}]({path})" for caption, path in charts]
    for table in report.tables:
        blocks += [f"## {table.title}", _table(table), *map(_plain, table.notes)]
    if report.priors:
        blocks += ["## Priors", "\n".join(_prior(prior) for prior in report.priors)]
    digest = run.attrs["scenario_sha256"]
    blocks.append(f"Scenario `{run.attrs['scenario']}.toml`, SHA-256 `{digest}`.")
    return "\n\n".join(blocks) + "\n"


def _prior(prior: Prior) -> str:
    return f"- **{_plain(prior.name)}** ({', '.join(f'`{key}`' for key in prior.keys)}): {_plain(prior.source)}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return " ".join(text.split()).translate(SPECIAL)


def _table(table: Table) -> str:
    def row(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    rule = [":---", *["---:"] * (len(table.headers) - 1)]
    return "\n".join([row(table.headers), row(rule), *(row([_plain(cell) for cell in cells]) for cells in table.rows)])
