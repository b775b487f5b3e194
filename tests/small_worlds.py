"""A small world whose every figure is known: trials of it as a Run, and the truth about each metric.

Two tasks, alpha and beta, run side by side and gamma waits for both. Their durations are gamma distributed, with whole
shapes, the project is finished with the later of them, unless it is censored, which happens in 4 of 100 trials
whatever else does. Everything else is independent of it or a simple function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import SimpleNamespace

import numpy as np
from scipy import integrate, optimize, stats

from simrisk.dataset import Run
from simrisk.dataset.cash import cash_values
from simrisk.dataset.registry import GATE_FLAGS, REGISTRY
from simrisk.dataset.run import Values
from simrisk_kernels.layout import CENSORED, FINISHED

FIRST, SECOND = 2400.0, 2000.0  # scales of the durations of alpha and beta, minutes
KEPT = 0.96  # share of the trials that finish
DEADLINE, PLANNED = 12_000, 9_600  # minutes
RATE, EXTRA = 0.5, 300.0  # cost: so much a minute, and gamma(9) times so much
BUDGET = 900_000  # cents
REVIEWED, GO, LOST = 0.9, 0.6, 0.125  # chance of a review, of go at the first one, of a stop when it was no-go
PASSED = REVIEWED * (1 - (1 - GO) * LOST)
FLOW = 1000.0  # scale of what is spent in a month, gamma(9)
DAY = 480
DAYS = np.arange("2026-01-01", "2026-04-11", dtype="datetime64[D]")


@dataclass(frozen=True)
class World:
    """The truth about a world whose durations have this shape."""

    shape: int

    @cached_property
    def alpha(self) -> stats.rv_continuous:
        return stats.gamma(self.shape, scale=FIRST)

    @cached_property
    def beta(self) -> stats.rv_continuous:
        return stats.gamma(self.shape, scale=SECOND)

    def over(self, function: Callable[[float], float], low: float = 0.0) -> float:
        """Integral up to where nothing is left."""
        most = self.alpha.isf(1e-15)
        return float(integrate.quad(function, low, most, limit=500, points=[self.alpha.mean()], epsabs=1e-12)[0])

    def below(self, x: float) -> float:
        """Chance that the later task is done by x."""
        return float(self.alpha.cdf(x) * self.beta.cdf(x))

    def level(self, p: float) -> float:
        """The quantile of the finish among all trials."""
        return float(optimize.brentq(lambda x: KEPT * self.below(x) - p, 0, self.alpha.isf(1e-12)))

    @cached_property
    def mean(self) -> float:
        return self.over(lambda x: 1 - self.below(x))

    @cached_property
    def sd(self) -> float:
        return math.sqrt(self.over(lambda x: 2 * x * (1 - self.below(x))) - self.mean**2)

    @cached_property
    def often(self) -> float:
        """Chance that alpha is the later one; beta / (alpha + beta), each over its scale, is beta distributed."""
        return float(stats.beta(self.shape, self.shape).cdf(FIRST / (FIRST + SECOND)))

    @cached_property
    def cruciality(self) -> float:
        """E[alpha max(alpha, beta)]: alpha is the later one, or beta is and alpha below it."""
        longer = stats.gamma(self.shape + 1, scale=FIRST)  # alpha weighted with itself
        product = self.over(lambda x: x * x * self.alpha.pdf(x) * self.beta.cdf(x))
        product += self.over(lambda x: x * self.beta.pdf(x) * self.alpha.mean() * longer.cdf(x))
        return float((product - self.alpha.mean() * self.mean) / (self.alpha.std() * self.sd))

    @cached_property
    def rank_cruciality(self) -> float:
        """12 E[F(alpha) G(max)] - 3, with the mean of F(alpha) below x, F(x)^2 / 2."""
        both = self.over(lambda x: self.alpha.cdf(x) * self.below(x) * self.beta.cdf(x) * self.alpha.pdf(x))
        both += self.over(lambda x: self.below(x) * self.beta.pdf(x) * self.alpha.cdf(x) ** 2 / 2)
        return 12 * both - 3

    @cached_property
    def share_of_alpha(self) -> float:
        """Minutes of the finishes that are alpha's."""
        return self.over(lambda x: x * self.alpha.pdf(x) * self.beta.cdf(x)) / self.mean

    def affordable(self, cost: float, by: float = math.inf) -> float:
        """Chance to be finished at this cost and by this minute, among those that finish."""
        extra = stats.gamma(9, scale=EXTRA)

        def density(x: float) -> float:
            of_max = self.alpha.pdf(x) * self.beta.cdf(x) + self.beta.pdf(x) * self.alpha.cdf(x)
            return float(of_max * extra.cdf(cost - RATE * x))

        most = min(by, cost / RATE)
        return float(integrate.quad(density, 0, most, limit=500)[0])

    @cached_property
    def truth(self) -> dict[str, float]:
        """Every metric that trials of this world have."""
        flow, flows = stats.gamma(9, scale=FLOW), stats.gamma(18, scale=FLOW)
        known = {f"finish.p{p}": self.level(p / 100) for p in (10, 50, 80, 95)}
        known |= {f"task.alpha.finish.p{p}": float(self.alpha.ppf(p / 100)) for p in (20, 80)}
        known |= {f"cash.2026-01.p{p}": float(flow.ppf(p / 100)) for p in (10, 50, 80, 95)}
        known |= {f"cash.2026-02.total.p{p}": float(flows.ppf(p / 100)) for p in (50, 80)}
        level = optimize.brentq(lambda c: KEPT * self.affordable(c) - 0.8, 1000, 40_000)
        over = (DEADLINE, self.alpha.isf(1e-15))
        return known | {
            "finish.mean": self.mean,
            "finish.sd": self.sd,
            "finish.on_time": KEPT * self.below(DEADLINE),
            "censored": 1 - KEPT,
            "delay.mean": float(integrate.quad(lambda x: 1 - self.below(x), *over, limit=500)[0]),
            "delay.p80": self.level(0.8) - DEADLINE,
            "contingency.time.p80": self.level(0.8) - PLANNED,
            "cost.p80": float(level),
            "contingency.cost.p80": float(level) - PLANNED,
            "cost.mean": RATE * self.mean + 9 * EXTRA,
            "cost.in_budget": KEPT * self.affordable(BUDGET / 100),
            "joint": KEPT * self.affordable(BUDGET / 100, DEADLINE),
            "logic.finish.p80": float(self.beta.ppf(0.8)),
            "logic.on_time": float(self.beta.cdf(DEADLINE)),
            "task.alpha.criticality": self.often,
            "task.alpha.cruciality": self.cruciality,
            "task.alpha.rank_cruciality": self.rank_cruciality,
            "task.alpha.ssi": self.often * float(self.alpha.std()) / self.sd,
            "task.alpha.contingency.p80": float(self.alpha.ppf(0.8)) - PLANNED,
            "task.gamma.merge_bias": self.mean - float(self.alpha.mean()),
            "chain.alpha": self.share_of_alpha,
            "gate.tier.p_go": GO,
            "gate.tier.attempts": 2 - GO,
            "gate.tier.finish.p50": float(self.beta.ppf(0.5 / PASSED)),
            "gate.tier.contingency.p80": float(self.beta.ppf(0.8 / PASSED)) - PLANNED,
            "gate.tier.merge_bias": self.mean - float(self.alpha.mean()),
            "sprint.1.p_goal": 0.3,
            "sprint.1.velocity": 5000.0,
            "person.ANN.utilisation": 0.6,
            "person.ANN.absence": 500.0,
            "person.ANN.left": 0.2,
            "risk.storm.happened": 0.45,
            "cash.2026-01.mean": 9 * FLOW,
        }


@dataclass(frozen=True)
class Dice:
    """Uniform numbers of so many trials: independent, or with `block` above 1 Latin hypercubes of so many trials."""

    rng: np.random.Generator
    n: int
    block: int = 1

    def uniform(self) -> np.ndarray:
        """One for each trial, (n,)."""
        if self.block == 1:
            return self.rng.random(self.n)
        cells = self.rng.permuted(np.tile(np.arange(self.block), (self.n // self.block, 1)), axis=1).ravel()
        found: np.ndarray = (cells + self.rng.random(self.n)) / self.block
        return found

    def happens(self, chance: float) -> np.ndarray:
        """Whether something does, (n,) bool."""
        return self.uniform() < chance

    def gamma(self, shape: float, scale: float) -> np.ndarray:
        """Gamma variables, (n,); in Latin hypercubes sums of exponential ones, whose quantile function is quick."""
        if self.block == 1:
            return np.rint(self.rng.gamma(shape, size=self.n) * scale)
        return np.rint(-scale * sum(np.log1p(-self.uniform()) for _ in range(int(shape))))


def trials(world: World, dice: Dice) -> Run:
    """Some trials of a world, with the variables that its metrics need."""
    alpha, beta, done = dice.gamma(world.shape, FIRST), dice.gamma(world.shape, SECOND), dice.happens(KEPT)
    values = _project(np.maximum(alpha, beta), beta, done, dice) | _tasks(alpha, beta, done)
    values |= _gate(beta, dice) | _rest(np.maximum(alpha, beta), dice)
    attrs = {"block": dice.block, "currency": "USD", "day_minutes": DAY, "start": "2026-01-01", "horizon": 10**7}
    attrs |= {"deadline_minute": DEADLINE, "budget_limit_cents": BUDGET, "status_minute": 0}
    variables = {name: Values(REGISTRY[name].dims, np.asarray(v), {}) for name, v in values.items()}
    variables["gate_outcome"].attrs["flag_meanings"] = " ".join(GATE_FLAGS)
    return Run(variables, tuple(name for name in variables if REGISTRY[name].coordinate), attrs)


def _project(finish: np.ndarray, beta: np.ndarray, done: np.ndarray, dice: Dice) -> dict[str, object]:
    outcome = np.where(done, FINISHED, CENSORED).astype(np.int8)
    cents = np.rint(100 * (RATE * finish + dice.rng.gamma(9, EXTRA, dice.n))).astype(np.int64)
    flows = np.rint(100 * dice.rng.gamma(9, FLOW, (2, dice.n))).astype(np.int64)
    store = SimpleNamespace(whole=lambda _: outcome, column=lambda _, month: flows[month])
    spent = cash_values(date(2026, 1, 1), store, np.ones(2, np.int64)) if dice.block == 1 else {}  # type: ignore[arg-type]
    return {
        "trial": np.arange(dice.n),
        "day_date": DAYS,
        "project_finish": np.where(done, finish, np.inf),
        "project_end": finish.astype(np.int32),
        "project_cost": np.where(done, cents / 100, np.inf),
        "project_spent": cents,
        "project_outcome": outcome,
        "logic_finish": beta,
        "logic_outcome": np.zeros(dice.n, np.int8),
        "baseline_finish": float(PLANNED),
        "baseline_cost": float(PLANNED),
        **spent,
    }


def _tasks(alpha: np.ndarray, beta: np.ndarray, done: np.ndarray) -> dict[str, object]:
    last, later = np.maximum(alpha, beta), alpha >= beta
    finish = np.column_stack([alpha, beta, last]).astype(np.int32)
    start = np.zeros_like(finish)
    start[:, 2] = last
    return {
        "task": _words("alpha", "beta", "gamma"),
        "task_start": start,
        "task_finish": finish,
        "task_dropped": np.zeros(start.shape, bool),
        "task_critical": np.column_stack([later, ~later, done]) & done[:, None],
        "baseline_task_finish": np.full(3, PLANNED),
        "link_after": _words("alpha", "beta"),
        "link_task": _words("gamma", "gamma"),
        "link_kind": _words("FS", "FS"),
        "link_lag": np.zeros(2, np.int32),
        "requirement_gate": _words("tier", "tier"),
        "requirement_task": _words("alpha", "beta"),
        "cause": _words("alpha", "beta"),
        "chain_minutes": np.column_stack([np.where(later, alpha, 0), np.where(later, 0, beta)]).astype(np.int32),
    }


def _gate(beta: np.ndarray, dice: Dice) -> dict[str, object]:
    reviewed, go, stop = dice.happens(REVIEWED), dice.happens(GO), dice.happens(LOST)
    outcome = np.where(go, GATE_FLAGS.index("go"), np.where(stop, GATE_FLAGS.index("stop"), GATE_FLAGS.index("waived")))
    return {
        "gate": _words("tier"),
        "gate_attempts": np.where(reviewed, np.where(go, 1, 2), 0)[:, None],
        "gate_outcome": np.where(reviewed, outcome, 0)[:, None],
        "gate_finish": np.where(reviewed, beta, -1).astype(np.int32)[:, None],
        "baseline_gate_finish": np.full(1, PLANNED),
    }


def _rest(finish: np.ndarray, dice: Dice) -> dict[str, object]:
    n, absent = dice.n, np.where(dice.happens(0.5), dice.gamma(4, 250), 0)
    columns = {
        "sprint_goal_met": dice.happens(0.3),
        "sprint_velocity": np.rint(dice.rng.gamma(4, 1250, n)),
        "sprint_start": np.zeros(n),
        "risk_happened": dice.happens(0.45),
        "person_worked": (finish - absent) * (0.2 + 0.8 * dice.uniform()),
        "person_absence": absent,
        "person_left": np.where(dice.happens(0.2), 1, -1),
        **{f"person_{what}": np.zeros(n) for what in ("ceremony", "leave", "departed")},
    }
    return {
        "sprint": np.array([1]),
        "risk": _words("storm"),
        "person": _words("ANN"),
        "person_from": np.array([0]),
        "person_until": np.array([10**7]),
        **{name: values[:, None] for name, values in columns.items()},
    }


def _words(*words: str) -> np.ndarray:
    return np.array(words, dtype=object)
