"""`simrisk lint`: whether the plan is sound before any dice are rolled."""

from __future__ import annotations

from typing import Any

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import changes_option, with_option, without_option

HELP = """\b
Example:
  simrisk lint scenarios/phase3.toml

Check a scenario without simulating it.

The findings go to stderr; their number, what hangs on one person alone, and the 14-point schedule
assessment of the DCMA to stdout. Exit code 2 when the scenario cannot be simulated.
"""


@click.command("lint", help=HELP, short_help="Check a scenario without simulating it.")
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@changes_option
@with_option
@without_option
@global_options
@click.pass_obj
def command(
    console: Console,
    scenarios: tuple[str, ...],
    changes: tuple[tuple[str, str], ...],
    with_: tuple[str, ...],
    without: tuple[str, ...],
) -> int:
    """Check scenarios without simulating them."""
    faults = [_lint(console, scenario, changes=changes, with_=with_, without=without) for scenario in scenarios]
    return 2 if any(faults) else 0


def _lint(console: Console, scenario: str, **switches: Any) -> int:
    """Say what is to be said of one scenario; returns how many errors it has."""
    from simrisk.errors import ScenarioError
    from simrisk.report import lint_text
    from simrisk.scenario.checks import check
    from simrisk.scenario.health.view import View
    from simrisk.scenario.load import load

    tables = ""
    try:
        view = View(load(scenario, **switches))
        issues = check(view)
        tables = lint_text.render(view)
    except ScenarioError as error:
        issues = error.issues
    console.issues(issues)
    counts = {kind: sum(issue.severity == kind for issue in issues) for kind in ("error", "warning", "notice")}
    said = [f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in counts.items() if n]
    click.echo(f"{scenario}: {', '.join(said) or 'nothing to report'}")
    if tables:
        click.echo(tables)
    return counts["error"]
