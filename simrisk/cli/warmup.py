"""`simrisk warmup`: compile the kernels now, so that no run has to wait for it."""

from __future__ import annotations

import json
import time

import click

from simrisk.cli.console import Console, global_options

HELP = """\b
Example:
  simrisk warmup

Compile every kernel, or see that it is there, so that the first run answers at once.
Needed never; useful after an update, in an image of a container, before a meeting.
"""


@click.command("warmup", help=HELP, short_help="Compile the kernels now, so that no run has to wait.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@global_options
@click.pass_obj
def command(console: Console, /, as_json: bool) -> int:
    """Compile the kernels now."""
    from simrisk.engines import cache, entries

    if not cache.enable():
        raise click.ClickException(
            f"Compiled kernels cannot be kept: {cache.user_cache()} cannot be written. "
            "Give the folder to yourself, or name another one in the environment variable XDG_CACHE_HOME."
        )
    removed = cache.remove_unused()
    done = []
    for entry in entries.ENTRIES:
        begun = time.perf_counter()
        if not as_json:
            console.say(f"{entry.name} ...")
        state = entries.prepare(entry.name)
        done.append({"kernel": entry.name, "state": state, "seconds": round(time.perf_counter() - begun, 3)})
    if as_json:
        answer = {"folder": str(cache.folder()), "kernels": done, "removed": [str(place) for place in removed]}
        click.echo(json.dumps(answer))
    else:
        click.echo(_told(done, str(cache.folder()), len(removed)), nl=False)
    return 0


def _told(done: list[dict[str, object]], folder: str, n_removed: int) -> str:
    lines = [f"  {row['kernel']!s:<18}{row['state']!s:<10}{row['seconds']:8.2f} s" for row in done]
    compiled = sum(row["state"] == "compiled" for row in done)
    found = f"{compiled} compiled" if compiled else "all were there already"
    lines.insert(0, f"{len(done)} kernels are ready, {found}. They are kept in {folder}.")
    if n_removed:
        folders = "folder" if n_removed == 1 else "folders"
        lines.append(f"Removed {n_removed} {folders} of kernels that nobody had used for a month.")
    return "\n".join(lines) + "\n"
