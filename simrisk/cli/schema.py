"""`simrisk schema`: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import json

import click

from simrisk.cli.console import global_options

HELP = """\b
Example:
  simrisk schema > scenario.schema.json

Print the JSON Schema of scenario files, for editors.
"""


@click.command("schema", help=HELP, short_help="Print the JSON Schema of scenario files, for editors.")
@global_options
def command() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from simrisk.scenario.schema import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
