"""What the commands say on stderr: issues, what they wait for, progress, timings; and the options for it."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from simrisk.errors import Issue

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


@dataclass
class Console:
    """How much is said, and how."""

    quiet: bool = False
    verbose: bool = False
    plain: bool = False
    timings: list[tuple[str, float]] = field(default_factory=list)

    @property
    def color(self) -> bool:
        """Whether stdout shows colours: a terminal, and nobody asked for none."""
        return sys.stdout.isatty() and not self.plain and "NO_COLOR" not in os.environ

    def say(self, text: str) -> None:
        """A line on stderr, unless quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def issues(self, issues: Iterable[Issue]) -> None:
        """Issues on stderr; when quiet, errors only."""
        for issue in issues:
            if issue.severity == "error" or not self.quiet:
                click.echo(str(issue), err=True)

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; with -v it is said how long it took."""
        begun = time.perf_counter()
        yield
        if self.verbose:
            click.echo(f"{name:<12}{time.perf_counter() - begun:8.2f} s", err=True)

    @contextlib.contextmanager
    def progress(self, trials: int, label: str = "simulating") -> Iterator[Callable[[int], None]]:
        """A progress bar on stderr when that is a terminal; gives the function that moves it."""
        hidden = self.quiet or not sys.stderr.isatty()
        with click.progressbar(length=trials, label=label, file=sys.stderr, hidden=hidden) as bar:
            yield bar.update


def global_options(function: AnyFunction) -> AnyFunction:
    """Options that stand before or after the command's name and mean the same."""

    @click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
    @click.option("-v", "--verbose", is_flag=True, help="Say how long each stage took.")
    @click.option("--no-color", is_flag=True, help="No colours, even on a terminal.")
    @click.pass_context
    @functools.wraps(function)
    def wrapped(
        context: click.Context, /, *args: Any, quiet: bool, verbose: bool, no_color: bool, **options: Any
    ) -> Any:
        console = context.ensure_object(Console)
        console.quiet |= quiet
        console.verbose |= verbose
        console.plain |= no_color
        return function(*args, **options)

    return wrapped  # type: ignore[return-value]
