"""A pytest plugin: ``pytest --simrisk scenarios/`` has one test for each expectation of each scenario.

pytest imports this module at every start, so it imports nothing but pytest until ``--simrisk`` is given. A scenario is
simulated once, when the first of its tests runs.

PYTEST_DONT_REWRITE: there are no assertions here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simrisk.report.rulings import Rulings

EXPECTS = re.compile(rb"(?m)^\s*(\[\[\s*expect\s*\]\]|expect\s*=)")  # a file without one is no business of ours
WARNING = "simrisk warning"
BASELINES = "results/baselines"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("simrisk", "schedule risk (simrisk)")
    group.addoption("--simrisk", action="store_true", help="Test the plans among the files: one test an [[expect]].")
    group.addoption(
        "--simrisk-undecided",
        choices=("fail", "warn"),
        default="fail",
        help="What becomes of a test that more trials could not decide: it fails, or is skipped. [default: fail]",
    )
    group.addoption(
        "--simrisk-baselines", metavar="DIR", help="Where the baselines are. [default: results/baselines of the root]"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to collect scenarios, if that was asked for."""
    if config.getoption("simrisk"):
        config.addinivalue_line("markers", "simrisk: an expectation of a scenario (simrisk).")
        config.pluginmanager.register(Collector(), "simrisk-collector")


class Collector:
    """The hooks that are there only with ``--simrisk``."""

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect a TOML file that expects something."""
        if file_path.suffix != ".toml" or not EXPECTS.search(file_path.read_bytes()):
            return None
        found: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
        return found

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which expectations of level "warn" do not hold: their tests pass."""
        told = [
            text
            for report in terminalreporter.stats.get("passed", ())
            for title, text in report.sections
            if WARNING in title
        ]
        if told:
            terminalreporter.section(WARNING + ("s" if len(told) > 1 else ""), yellow=True)
            for text in told:
                terminalreporter.line(text)


class ScenarioFile(pytest.File):
    """A scenario and its expectations."""

    _judgement: Rulings | Exception | None = None

    def collect(self) -> Iterator[Expected]:
        """One item for each limit that the file sets.

        Raises
        ------
        CollectError
            With the faults of the scenario.
        """
        from simrisk.errors import SimriskError
        from simrisk.report.rulings import expected, line_of_limit, numbered
        from simrisk.scenario.load import load
        from simrisk.verdict import limits_of

        try:
            scenario = load(self.name_of_file())
        except SimriskError as error:
            raise self.CollectError(str(error)) from None
        limits = limits_of(scenario)
        names = numbered(expected(limit.metric, limit.sort, limit.written) for limit in limits)
        for i, name in enumerate(names):
            item: Expected = Expected.from_parent(self, name=name, place=i, line=line_of_limit(scenario, limits[i]))
            yield item

    def name_of_file(self) -> str:
        """The file as messages name it: relative to the folder that pytest was called in, where it lies below it."""
        folder = self.config.invocation_params.dir
        return str(self.path.relative_to(folder) if self.path.is_relative_to(folder) else self.path)

    def baselines(self) -> Path:
        """The folder of the baselines."""
        given = self.config.getoption("simrisk_baselines")
        return self.config.rootpath / BASELINES if given is None else self.config.invocation_params.dir / given

    def rulings(self) -> Rulings:
        """What came of the expectations; simulated when it is first asked for.

        Raises
        ------
        SimriskError
        """
        if self._judgement is None:
            try:
                self._judgement = judge_file(self.name_of_file(), self.baselines())
            except Exception as error:  # the same for each item, and not simulated again for each
                self._judgement = error
        if isinstance(self._judgement, Exception):
            raise self._judgement
        return self._judgement


class Expected(pytest.Item):
    """One limit of one expectation."""

    parent: ScenarioFile

    def __init__(self, *, place: int, line: int, **options: Any) -> None:
        super().__init__(**options)
        self.place, self.line = place, line
        self.add_marker("simrisk")

    def runtest(self) -> None:
        """Judge it: what does not hold, or could not be decided, fails with its sentence and no traceback."""
        from simrisk.errors import SimriskError

        try:
            judged = self.parent.rulings().each[self.place]
        except SimriskError as error:
            pytest.fail(str(error), pytrace=False)
        told = f"{judged.verdict}: {judged.found}"
        standing = judged.standing
        if standing == "unjudged" or (standing == "undecided" and self.config.getoption("simrisk_undecided") == "warn"):
            # the place is that of the expectation; without it pytest would name this line
            raise pytest.skip.Exception(told, _use_item_location=self.line > 0)
        file = self.parent.name_of_file()
        told = f"{file}:{self.line}: {told}" if self.line else f"{file}: {told}"
        if standing in ("failed", "undecided"):
            pytest.fail(told, pytrace=False)
        self.add_report_section("call", WARNING if standing == "warned" else "simrisk", told)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the expectation stands."""
        # pytest turns the dots of a name that ends a node's id into "::", as if they parted classes
        return self.path, self.line - 1 if self.line else None, f"{self.path.stem}: {self.name}"


def judge_file(file: str, baselines: Path) -> Rulings:
    """Judge a scenario as `simrisk check` does.

    Raises
    ------
    SimriskError
    """
    from simrisk.agreed import read
    from simrisk.cli.check import check
    from simrisk.cli.console import Console
    from simrisk.report.rulings import rulings_of
    from simrisk.scenario.load import load

    scenario = load(file)
    begun = time.perf_counter()
    agreed = read(baselines / f"{scenario.id}.json", scenario.id, scenario.path)
    judgement = check(Console(quiet=True), scenario, agreed)
    return rulings_of(judgement, scenario, seconds=time.perf_counter() - begun)
