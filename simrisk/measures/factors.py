"""Factors: what differs from trial to trial and may move the date, one number a trial each.

Absence and departures count until the planned finish and not until the end of the trial: a project that takes longer
has more of them for that reason alone, and everybody would seem to delay it. Trials that end before have had less
time for them, see `had_its_time`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np

from simrisk.dataset import Results, column

Kind = Literal["common", "effort", "duration", "absence", "departure", "risk", "review"]

_SAID: dict[Kind, str] = {
    "common": "common factor of all effort",
    "effort": "effort of {}",
    "duration": "duration of {}",
    "absence": "absence of {}",
    "departure": "departure of {}",
    "risk": "risk: {}",
    "review": "another review of {}",
}


class Factor(NamedTuple):
    """Something that differs from trial to trial.

    Parameters
    ----------
    kind : str
        "common": the common factor of all effort. "effort", "duration": of a task, as drawn, risks included, the
        common factor not. "absence": minutes that a person was absent unplanned until the planned finish.
        "departure": they had left by then. "risk": it happened. "review": a gate took more than one.
    label : str
        Id of the task, person, risk or gate; "" for the common factor.
    """

    kind: Kind
    label: str = ""


def factors(run: Results) -> Iterator[Factor]:
    """All factors of a run; some of them may never vary."""
    yield Factor("common")
    for task, timed in zip(run["task"].values.tolist(), run["task_timed"].values.tolist(), strict=True):
        yield Factor("duration" if timed else "effort", task)
    for person in run["person"].values.tolist():
        yield Factor("absence", person)
        yield Factor("departure", person)
    yield from (Factor("risk", risk) for risk in run["risk"].values.tolist())
    yield from (Factor("review", gate) for gate in run["gate"].values.tolist())


def factor_name(run: Results, factor: Factor) -> str:
    """What a factor is called, e.g. ``effort of Build API``; tasks, risks and gates by their names."""
    named = {"effort": "task", "duration": "task", "risk": "risk", "review": "gate"}
    dim = named.get(factor.kind)
    name = str(run[f"{dim}_name"].values[run[dim].values.tolist().index(factor.label)]) if dim else ""
    return _SAID[factor.kind].format(name or factor.label)


def factor_values(run: Results, factor: Factor) -> np.ndarray:
    """A factor in each trial, (n_trials,)."""
    label = factor.label
    if factor.kind == "common":
        return run["project_common_factor"].values  # type: ignore[no-any-return]
    if factor.kind == "duration":
        return column(run, "task_effort", "task", label)
    if factor.kind == "effort":
        return _own_effort(run, label)
    if factor.kind == "absence":
        return column(run, "person_absence_planned", "person", label)
    if factor.kind == "departure":
        left = column(run, "person_left", "person", label)
        gone: np.ndarray = (left >= 0) & (left <= run["baseline_finish"].item())
        return gone
    if factor.kind == "risk":
        return column(run, "risk_happened", "risk", label)
    return column(run, "gate_attempts", "gate", label) > 1


def _own_effort(run: Results, task: str) -> np.ndarray:
    """The effort of a task without the common factor: what is left to do and what was done before, over the factor.

    Where nothing is left that much was done at least; all such trials have the lowest value.
    """
    left = column(run, "task_effort", "task", task)
    common = run["project_common_factor"].values
    done = int(run["task_done"].sel(task=task))
    return (left + done) / common if done == 0 else np.where(left > 0, (left + done) / common, 0.0)


def had_its_time(run: Results, factor: Factor) -> np.ndarray | None:
    """Trials in which as much of a factor could happen as in any other, (n_trials,) bool; None: in all of them.

    Of absence and departures those that do not end before the planned finish; none when the plan has no finish.
    """
    if factor.kind not in ("absence", "departure"):
        return None
    found: np.ndarray = run["project_end"].values >= run["baseline_finish"].item()
    return found


def level_with_time(had_time: np.ndarray, p: Fraction) -> Fraction | None:
    """The level among trials that had time for a factor which stands for level p among all; None: there is none.

    Trials that end early had less time for it, so that among those with little of it there would be too many that are
    early for other reasons. They count in every group as often as in all trials: where they are the share e of all,
    the level is (p - e) / (1 - e) of the others.

    Parameters
    ----------
    had_time : (n_trials,) bool
        As of `had_its_time`.
    p : Fraction
    """
    early = Fraction(int((~had_time).sum()), max(len(had_time), 1))
    return (p - early) / (1 - early) if early < p else None
