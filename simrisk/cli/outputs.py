"""Options of `simrisk check` for what CI reads, and the files and lines that they ask for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simrisk.cli.options import file_name

if TYPE_CHECKING:
    from simrisk.errors import Issue
    from simrisk.report.rulings import Rulings

ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")  # where GitHub and GitLab have checked the repository out


def _annotations(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Those of the server that we run on, unless it is said which."""
    return value or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "none")


def outputs_options(function: Any) -> Any:
    """The options."""
    for option in (
        click.option(
            "--annotations",
            type=click.Choice(["github", "none"]),
            callback=_annotations,
            help="Say at the scenario's lines what is wrong, on stdout. [default: github within GitHub Actions]",
        ),
        click.option(
            "--markdown", callback=file_name, metavar="FILE", help="Write the verdicts and what changed, as Markdown."
        ),
        click.option("--junit", callback=file_name, metavar="FILE", help="Write the verdicts as JUnit XML."),
    ):
        function = option(function)
    return function


def probe(*files: Path | None) -> None:
    """Find out that a file cannot be written before the trials are run, not after.

    Raises
    ------
    ResultsError
    """
    from simrisk.dataset import probe_folder

    for file in files:
        if file is not None:
            probe_folder(file.parent)


def publish(checks: Sequence[Rulings], *, junit: Path | None, markdown: Path | None, annotations: str) -> list[str]:
    """Write what was asked for and print the annotations; returns the names of the files.

    Raises
    ------
    ResultsError
    """
    from simrisk.report import junit as xml
    from simrisk.report import remarks, step_summary

    root = repository()
    written = []
    for file, render in ((junit, xml.render), (markdown, step_summary.render)):
        if file is not None:
            _write(file, render(checks, root=root))
            written.append(str(file))
    if annotations == "github":
        click.echo(remarks.render(checks, root=root), nl=False)
    return written


def annotate(issues: Iterable[Issue], annotations: str) -> None:
    """Say what is wrong with the scenario itself, at its lines."""
    from simrisk.report import remarks

    if annotations == "github":
        click.echo(remarks.of_issues(issues, root=repository()), nl=False)


def repository() -> Path:
    """Where the repository lies: files are named relative to it."""
    found = next((os.environ[name] for name in ROOTS if os.environ.get(name)), None)
    return Path.cwd() if found is None else Path(found)


def _write(file: Path, text: str) -> None:
    from simrisk.dataset import write_text

    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, text)
