"""Count which way the branches of the event kernel go in the shipped scenarios: what `odds.txt` says.

    python -m simrisk.engines.counting

To be run in a checkout when the event kernel has changed. It takes two minutes, and the kernels are compiled anew then.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simrisk.compile import compile_plan
from simrisk.engines import entries, images, odds, whole
from simrisk.scenario.load import load
from simrisk_kernels.layout import new_outcomes, words_of
from simrisk_kernels.small import block_of
from simrisk_kernels.state import new_state

# Entry kernels, and the scenarios that they run with as many trials as take about as long.
CASES = {"run_small": {"phase3": 4096}, "run_trials": {"tier3": 1600, "agentic-program": 300}}
SEED = np.uint64(7)
SCENARIOS = Path(__file__).parents[2] / "scenarios"


def with_counters(code: str, counts: np.ndarray) -> str:
    """Return LLVM's code, as text, that counts its branches.

    Parameters
    ----------
    counts : (n, 2) int64
        A row for each branch that `branches_of` gives, in their order: how often it went the other way, and the first.
        It has to stay where it is.
    """
    lines = code.splitlines()
    for row, place in enumerate(branches_of(code)):
        condition = odds.BRANCH.match(lines[place])
        assert condition
        table = counts.ctypes.data + row * counts.strides[0]
        lines[place] = "\n".join(
            (
                f"  %way.{row} = zext i1 {condition[1]} to i64",
                f"  %cell.{row} = getelementptr i64, ptr inttoptr (i64 {table} to ptr), i64 %way.{row}",
                f"  %before.{row} = load i64, ptr %cell.{row}",
                f"  %after.{row} = add i64 %before.{row}, 1",
                f"  store i64 %after.{row}, ptr %cell.{row}",
                lines[place],
            )
        )
    return "\n".join(lines)


def branches_of(code: str) -> list[int]:
    """Return the lines of the branches of all kernel functions."""
    return [place for _, places in odds.functions_of(code.splitlines()) for place in places]


def count_entry(name: str, cases: dict[str, int]) -> dict[str, np.ndarray]:
    """Run an entry kernel on scenarios, with so many trials each; returns the counts of each function's branches."""
    entry = next(entry for entry in entries.ENTRIES if entry.name == name)
    symbol, code = whole.write_down(entries.function(entry).py_func, entries.types_of(entry.arguments))
    counts = np.zeros((len(branches_of(code)), 2), np.int64)
    machine_code = whole.optimise(symbol, with_counters(code, counts))
    image = images.loaded(machine_code, symbol, entry.arguments)
    pack = block_of if name == "run_small" else words_of
    for case, trials in cases.items():
        plan = compile_plan(load(SCENARIOS / f"{case}.toml")).arrays
        outcomes, workspace = new_outcomes(trials, plan), new_state(plan)
        packed = pack(plan), pack(workspace), words_of(outcomes)
        image(packed[0], packed[1], SEED, 0, trials, packed[2], 0)
    found: dict[str, np.ndarray] = {}
    row = 0
    for function, places in odds.functions_of(code.splitlines()):
        counted, row = counts[row : row + len(places)], row + len(places)
        # compiled for several types, it is one function here, if numba writes it down alike
        if function not in found or len(found[function]) == len(counted):
            found[function] = found.get(function, 0) + counted
    return found


def main() -> None:
    """Count, and write the file."""
    lines = ["# Made by `python -m simrisk.engines.counting`; see odds.py."]
    for name, cases in CASES.items():
        for function, counts in sorted(count_entry(name, cases).items()):
            characters = "".join(odds.odd(int(other), int(first)) for other, first in counts)
            if characters.strip(odds.UNKNOWN):
                lines.append(f"{name} {function} {characters}")
    odds.FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
