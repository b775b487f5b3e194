"""The command line: `simrisk COMMAND`; each command is a file, imported when it is used."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

import click

from simrisk import __version__
from simrisk.cli.brief import leave, sweep_again
from simrisk.cli.console import Console, global_options
from simrisk.errors import SimriskError
from simrisk.garbage import undisturbed

COMMANDS = (
    "run",
    "lint",
    "show",
    "compare",
    "check",
    "what-if",
    "sweep",
    "gates",
    "replay",
    "away",
    "portfolio",
    "report",
    "schema",
    "warmup",
    "bench",
)  # in the order in which a newcomer needs them
BRIEF = {"run", "lint", "show", "replay", "report", "schema"}  # those that make one run at most, or say it themselves
INTERRUPTED, REFUSED = 130, 2
PIPE_CLOSED = 141
WRITE_ERRORS = {errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG, errno.EDQUOT}

HELP = """\b
Example:
  simrisk run scenarios/phase3.toml

When will the project be done, what will it cost, how sure are we, and what drives it?
"""


class LazyGroup(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None when there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in BRIEF:
            sweep_again()
        found: click.Command = import_module(f"simrisk.cli.{cmd_name.replace('-', '_')}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say which command may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1, 0.5)
            wanted = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(COMMANDS)}."
            raise click.UsageError(f"'{args[0]}' is not a command. {wanted}", ctx) from error


@click.group(
    help=HELP, cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="simrisk", message="%(prog)s %(version)s")
@global_options
def cli() -> None:
    """Group of all commands."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; what a user can cause never shows a traceback."""
    if sys.stderr is None:  # closed, as with `2>&-`: nobody listens
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        click.echo("error[output-unwritable]: stdout\n  It is closed, so no answer can be printed.", err=True)
        sys.exit(REFUSED)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a letter shows its code, and does not stop us
            stream.reconfigure(errors="backslashreplace")
    with undisturbed():
        code = _exit_code(args)
    if args is None:
        leave(code)  # the process is ours
    sys.exit(code)


def _exit_code(args: Sequence[str] | None) -> int:
    stdout = sys.stdout
    try:
        code = cli.main(args, prog_name="simrisk", standalone_mode=False, obj=Console())
        sys.stdout.flush()
    except SimriskError as error:
        for issue in error.issues:
            click.echo(str(issue), err=True)
        return REFUSED
    except click.ClickException as error:
        error.show()
        return REFUSED
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except MemoryError:
        click.echo("error[out-of-memory]: --trials\n  There is no room for so many trials. Ask for fewer.", err=True)
        return REFUSED
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        _write_no_more(sys.stdout)
        return PIPE_CLOSED
    except OSError as error:
        if error.filename is not None or error.errno not in WRITE_ERRORS:
            raise
        with contextlib.suppress(OSError):  # it may have been stderr
            click.echo(f"error[output-unwritable]: stdout\n  The answer cannot be printed: {error.strerror}.", err=True)
        _write_no_more(sys.stdout, sys.stderr)
        return REFUSED
    except RuntimeError as error:
        if not isinstance(error.__context__, KeyboardInterrupt):  # Python's own locks turn one into the other
            raise
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except SystemExit as left:  # click wraps stdout and leaves with 1 at a closed pipe; 1 is for crashes
        return PIPE_CLOSED if sys.stdout is not stdout else _as_code(left.code)
    return _as_code(code)


def _write_no_more(*streams: TextIO) -> None:
    """Let what is still to be written go nowhere, or Python complains of it when it ends."""
    for stream in streams:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _as_code(value: object) -> int:
    return value if isinstance(value, int) else 0
