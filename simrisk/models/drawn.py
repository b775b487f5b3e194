"""Lengths of a network's activities that are drawn alone: what the kernel draws them by in vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simrisk.models.graph import Activity
from simrisk_kernels.layout import BY_OCTAVE, TRIANGULAR, PlanArrays
from simrisk_kernels.network_layout import DRAWN, SHAPE
from simrisk_kernels.tables import STEP

LOWEST, HIGHEST = -1.5, 2.0**30  # between these vectors round to minutes as `quantile.round_minutes` does


def shapes_of(plan: PlanArrays, kinds: NDArray[np.int8], activities: list[Activity]) -> np.recarray:
    """Return how the lengths are drawn that are drawn alone and in vectors; draw -1: all others.

    Parameters
    ----------
    kinds : (n,) int8
        Of the activities.
    """
    numbers = np.array([activity.draw for activity in activities], np.int64)
    rows = np.flatnonzero((kinds == DRAWN) & np.append(in_vectors(plan), [False])[numbers])
    chosen = numbers[rows]
    kind, table, location, scale = (plan.draws[name][chosen] for name in ("kind", "table", "location", "scale"))
    likely, rest, high, low = plan.octaves[table, :4, 0].T
    drawn = np.zeros(len(rows), SHAPE)
    drawn["draw"] = chosen
    drawn["longest"] = [activities[row].longest for row in rows]
    drawn["table"] = np.where(kind == BY_OCTAVE, table, -1)
    drawn["turn"] = high.astype(np.int64) << 16 | low.astype(np.int64)
    drawn["likely"], drawn["rest"] = likely * STEP, rest * STEP
    drawn["location"], drawn["scale"] = location, scale
    shapes = np.zeros(len(activities), SHAPE)
    shapes["draw"] = -1
    shapes[rows] = drawn
    return shapes.view(np.recarray)


def in_vectors(plan: PlanArrays) -> NDArray[np.bool_]:
    """Return which draws can be made and rounded in vectors, on their own.

    Nowhere is a polynomial further beyond its ends than an eighth of what its second derivative may be, in t from -1/2
    to 1/2.
    """
    draws = plan.draws
    terms = plan.octaves.astype(np.float64)  # (tables, terms, octaves)
    power = np.arange(terms.shape[1])[:, None]
    ends = [(terms * (side / 2) ** power).sum(axis=1) for side in (-1, 1)]
    bend = (abs(terms) * power * (power - 1) * 0.5 ** (power + 1)).sum(axis=1)
    low, high = (np.minimum(*ends) - bend).min(axis=1), (np.maximum(*ends) + bend).max(axis=1)
    alone = (draws.row < 0) & (draws.table >= 0)
    table, by_octave = np.where(alone, draws.table, -1), draws.kind == BY_OCTAVE  # the last for what has no table
    reach = np.where(by_octave, [np.append(each, 0.0)[table] for each in (low, high)], [[0.0], [1.0]])
    values, rounding = draws.location + draws.scale * reach, (abs(draws.location) + abs(draws.scale)) * 2.0**-20
    fits = (values.min(axis=0) - rounding > LOWEST) & (values.max(axis=0) + rounding < HIGHEST)
    found: NDArray[np.bool_] = alone & fits & (by_octave | (draws.kind == TRIANGULAR))
    return found
