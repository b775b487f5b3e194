"""The benchmark as a whole: what is measured in which order, and the table of it as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import simrisk
from simrisk.bench.commands import cost_of_run, fastest
from simrisk.bench.comparisons import (
    Comparison,
    compare_network,
    compare_peers,
    compare_people,
    compare_scenario,
    time_threads,
)
from simrisk.bench.machine import Machine, this_machine
from simrisk.bench.peers import NAMES
from simrisk.bench.targets import MEMORY_TRIALS, NO_SCENARIOS, NOT_QUICKLY, START_TRIALS, Target, Whole, judge
from simrisk.bench.timing import Effort, Timing, Watch
from simrisk.report.columns import aligned, wrapped

WIDTH = 110
PATIENCE = 60.0  # seconds that the run with very many trials may take
QUICK, THOROUGH = Effort(repetitions=3, seconds=0.02), Effort(repetitions=7, seconds=0.15)
TEAMS, SMALL = ((40, 10), (400, 30), (1_000, 100)), 100  # tasks and people; of many tasks fewer trials are checked
SIZES = (50, 1_000, 10_000)  # activities
SCENARIOS = ("phase3", "tier3", "agentic-program")

Threads = tuple[str, int, Timing]  # scenario, number of threads, by the clock on the wall

HOW = (
    "Processor time of one thread, kernels compiled before, garbage collection off. All ways of a case take turns; of "
    "{repetitions} rounds the best and the median are shown, and the median of the ratios to simrisk, each of one "
    "round. simrisk draws for itself and gives all its figures, the event kernel and the plain one the driving chain, "
    "costs and some thirty more. 'Draws given': that way is spared the drawing. 'This case alone': it knows just what "
    "this plan needs, and gives the finish of each task."
)


@dataclass(frozen=True)
class Report:
    """Everything that was measured."""

    machine: Machine
    effort: Effort
    people: tuple[Comparison, ...]
    scenarios: tuple[Comparison, ...]
    networks: tuple[Comparison, ...]
    peers: Comparison | None
    threads: tuple[Threads, ...]
    targets: tuple[Target, ...]

    @property
    def differing(self) -> int:
        """How many integers differed that ought to be equal."""
        return sum(one.differing for one in (*self.people, *self.scenarios, *self.networks))


def scenario_files() -> list[Path]:
    """Return the shipped scenarios, from the checkout or from here; none from elsewhere."""
    places = [Path(simrisk.__file__).parents[1] / "scenarios", Path("scenarios")]
    for place in places:
        found = [place / f"{name}.toml" for name in SCENARIOS if (place / f"{name}.toml").is_file()]
        if found:
            return found
    return []


def measure_all(*, quick: bool, say: Callable[[str], None]) -> Report:
    """Measure everything; `say` is told what comes next."""
    machine = this_machine()
    watch, files = Watch(QUICK if quick else THOROUGH), scenario_files()
    people, scenarios, networks = [], [], []
    for n_tasks, n_people in TEAMS[:2] if quick else TEAMS:
        say(f"{n_tasks:,} tasks x {n_people} people ...")
        people.append(compare_people(watch, n_tasks, n_people, given_trials=16 if n_tasks < SMALL else 4))
    for path in files:
        say(f"{path.stem} ...")
        scenarios.append(compare_scenario(watch, path, check_trials=5 if quick else 20))
    for n_tasks in SIZES[:2] if quick else SIZES:
        say(f"network of {n_tasks:,} activities ...")
        networks.append(compare_network(watch, n_tasks))
    say("network with mixed links, other tools, threads ...")
    networks.append(compare_network(watch, SIZES[1], mixed=True))
    threads = [
        (path.stem, n, time_threads(watch, path, n))
        for path in (files[:1] if quick else files)
        for n in sorted({2, machine.threads})
    ]
    whole = measure_commands(files, threads, quick=quick, say=say)
    return Report(
        machine=machine,
        effort=watch.effort,
        people=tuple(people),
        scenarios=tuple(scenarios),
        networks=tuple(networks),
        peers=compare_peers(watch, SIZES[0]),
        threads=tuple(threads),
        targets=tuple(judge(people, scenarios, networks, whole, machine.vectors)),
    )


def measure_commands(
    files: Sequence[Path], threads: Sequence[Threads], *, quick: bool, say: Callable[[str], None]
) -> Whole:
    """Measure whole commands on phase3: how soon they answer, and how much memory very many trials take."""
    path = next((path for path in files if path.stem == "phase3"), None)
    pace = next((timing for name, n, timing in threads if name == "phase3" and n == 2), None)
    if path is None or pace is None:
        return Whole(NO_SCENARIOS, NO_SCENARIOS, NO_SCENARIOS, NO_SCENARIOS)
    if quick:
        return Whole(pace, NOT_QUICKLY, NOT_QUICKLY, NOT_QUICKLY)
    say("whole commands ...")
    start, helped = cost_of_run(path, START_TRIALS, times=3), fastest(["--help"], 5)
    expected = pace.least * MEMORY_TRIALS
    if expected > PATIENCE:
        return Whole(pace, start, helped, f"not measured: it would take over {expected:.0f} s")
    say(f"{MEMORY_TRIALS:,} trials ...")
    return Whole(pace, start, helped, cost_of_run(path, MEMORY_TRIALS))


# As text


def render(report: Report) -> str:
    """Return the table."""
    how = HOW.format(repetitions=report.effort.repetitions)
    lines = ["simrisk bench", *_folded(report.machine.line), "", *_folded(how)]
    lines += _block("Plans with people, in microseconds a trial", report.people)
    lines += _block("Shipped scenarios, in microseconds a trial", report.scenarios)
    if report.threads:
        rows = [(name, f"{n} threads", f"{1 / timing.least:,.0f} trials/s") for name, n, timing in report.threads]
        lines += ["", "Shipped scenarios on threads, by the clock on the wall", *aligned(rows, left=(0,))]
    lines += _block("Plans without people, in nanoseconds for an activity in a trial", report.networks)
    if report.peers is not None:
        lines += _block("Other tools, in nanoseconds for an activity in a trial", [report.peers])
    else:
        lines += ["", f"Other tools: not installed, so not compared: {', '.join(NAMES)}."]
    targets = [("Target", "", "here", "met"), *(_target_row(target) for target in report.targets)]
    lines += ["", *aligned(targets, left=(0, 1), indent="")]
    return "\n".join(lines) + "\n"


def _block(title: str, comparisons: Sequence[Comparison]) -> list[str]:
    lines = ["", title] if comparisons else []
    for one in comparisons:
        same = f"; {one.compared:,} integers compared, {one.differing:,} differ" if one.compared else ""
        lines += ["", *_folded(f"{one.case}: {one.about}{same}")]
        rows = [("", "best", "median", "x simrisk", "trials")]
        rows += [
            (
                timing.way.what,
                _figure(one.cost(timing)),
                _figure(timing.median * one.scale),
                _figure(timing.ratio_to(one.ours)),
                f"{timing.trials:,}",
            )
            for timing in one.timings
        ]
        lines += aligned(rows)
    return lines


def _target_row(target: Target) -> tuple[str, str, str, str]:
    return target.what, target.wanted, target.measured, {None: "-", True: "yes", False: "NO"}[target.met]


def _figure(value: float) -> str:
    """Return a figure with three digits that count."""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.3g}"


def _folded(text: str) -> list[str]:
    return wrapped(text, WIDTH).splitlines()


# As JSON


def render_json(report: Report) -> str:
    """Return everything, each repetition too."""
    found = {
        "schema": 1,
        "machine": report.machine.as_dict(),
        "repetitions": report.effort.repetitions,
        "people": [_as_dict(one) for one in report.people],
        "scenarios": [_as_dict(one) for one in report.scenarios],
        "networks": [_as_dict(one) for one in report.networks],
        "peers": None if report.peers is None else _as_dict(report.peers),
        "threads": [
            {"case": name, "threads": n, "trials": timing.trials, "seconds_per_trial": timing.seconds}
            for name, n, timing in report.threads
        ],
        "targets": [asdict(target) for target in report.targets],
    }
    return json.dumps(found, indent=2) + "\n"


def _as_dict(one: Comparison) -> dict[str, object]:
    ways = [
        {
            "what": timing.way.what,
            "best": one.cost(timing),
            "median": timing.median * one.scale,
            "ratio": timing.ratio_to(one.ours),
            "trials": timing.trials,
            "seconds_per_trial": timing.seconds,
        }
        for timing in one.timings
    ]
    about = {"case": one.case, "about": one.about, "unit": one.unit}
    return {**about, "compared": one.compared, "differing": one.differing, "ways": ways}
