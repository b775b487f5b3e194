"""Fixtures: every test of the model runs in both engines; commands as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from simrisk import engines
from simrisk.cli import main
from simrisk.compile import compile_plan
from simrisk.plan import Plan
from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import CAUSES, GATE_OUTCOMES, OUTCOMES, Outcomes

pytest.register_assert_rewrite("plain_tables")  # its assertions are to say what they found


@dataclass(frozen=True)
class Told:
    """One trial with its names."""

    plan: Plan
    row: Outcomes

    @property
    def end(self) -> int:
        return int(self.row.end[0])

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.row.outcome[0]]

    @property
    def cost(self) -> int:
        return int(self.row.cost[0])

    @property
    def chain(self) -> dict[str, int]:
        """Minutes of the labels that occur."""
        minutes = zip(CAUSES, self.row.chain[0].tolist(), strict=True)
        return {cause: spent for cause, spent in minutes if spent}

    def task(self, field: str) -> dict[str, int]:
        return dict(zip(self.plan.task_ids, getattr(self.row, f"task_{field}")[0].tolist(), strict=True))

    def person(self, field: str) -> dict[str, int]:
        return dict(zip(self.plan.person_ids, getattr(self.row, f"person_{field}")[0].tolist(), strict=True))

    def pool(self, field: str) -> dict[str, int]:
        return dict(zip(self.plan.pool_ids, getattr(self.row, f"pool_{field}")[0].tolist(), strict=True))

    def gate(self, field: str) -> dict[str, int]:
        return dict(zip(self.plan.gate_ids, getattr(self.row, f"gate_{field}")[0].tolist(), strict=True))

    @property
    def passed(self) -> dict[str, str]:
        return {gate: GATE_OUTCOMES[outcome] for gate, outcome in self.gate("outcome").items()}

    def sprint(self, field: str) -> list[int]:
        return getattr(self.row, f"sprint_{field}")[0].tolist()

    def on_chain(self) -> dict[str, int]:
        """The minutes of the chain that tasks, gates, people and pools have, of those that have any."""
        minutes = {**self.task("chain"), **self.gate("chain"), **self.person("chain"), **self.pool("chain")}
        return {name: spent for name, spent in minutes.items() if spent}

    def critical(self) -> set[str]:
        """The tasks, gates, people and pools on the chain."""
        marks = {**self.task("critical"), **self.gate("critical"), **self.person("critical"), **self.pool("critical")}
        return {name for name, mark in marks.items() if mark}


Tell = Callable[..., Told]


@pytest.fixture(params=engines.ENGINES)
def engine(request: pytest.FixtureRequest) -> engines.Engine:
    """Each engine in turn."""
    return request.param


@pytest.fixture
def tell(engine: engines.Engine) -> Tell:
    """`tell(scenario, trial=0, seed=1)` runs one trial in the engine."""

    def run(scenario: Scenario, trial: int = 0, seed: int = 1) -> Told:
        plan = compile_plan(scenario)
        return Told(plan, engines.run(plan, trials=1, seed=seed, first=trial, engine=engine))

    return run


@dataclass(frozen=True)
class Said:
    """What a command did: its exit code, what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`typed("check", "launch.toml")` does what the command line does with these words."""

    def call(*args: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(args)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(int(left.value.code or 0), captured.out, captured.err)

    return call
