"""Small plans lie in one block: where its tables are, which plans fit, and the numbers at the limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generate import make_scenario
from simrisk.bench.cases import people_plan
from simrisk.compile import compile_plan
from simrisk.engines.kernels import EVENTS, SMALL, fitting_kernels, run_kernels
from simrisk.engines.reference import run_reference
from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import PlanArrays, words_of
from simrisk_kernels.room import LINE
from simrisk_kernels.small import MOST, MOST_DAYS, MOST_OF, Place, block_of, is_small, plan_places, state_places
from simrisk_kernels.state import State, new_state

SEED = 5
LIMITS = [(MOST, MOST), (MOST, 7), (9, MOST)]  # tasks and people


def with_days(plan: Scenario, days: int) -> Scenario:
    return replace(plan, project=replace(plan.project, horizon=days * 480))


@pytest.mark.parametrize(("tasks", "people"), LIMITS)
def test_plans_at_the_limit__are_small_and_give_the_same_numbers(tasks, people):
    plan = compile_plan(people_plan(tasks, people))
    assert SMALL in fitting_kernels(plan)
    small = run_kernels(plan, trials=3, seed=SEED, kernel=SMALL)
    for other in (
        run_kernels(plan, trials=3, seed=SEED, kernel=EVENTS),
        run_reference(plan, trials=3, seed=SEED),
    ):
        for name, values in small._asdict().items():
            assert np.array_equal(values, getattr(other, name)), name


@pytest.mark.parametrize(("tasks", "people"), [(MOST + 1, 5), (9, MOST + 1)])
def test_plans_beyond_the_limit__are_not_small(tasks, people):
    assert SMALL not in fitting_kernels(compile_plan(people_plan(tasks, people)))


def test_as_many_days_as_there_is_room_for():
    plan = people_plan(9, 3)
    assert int(compile_plan(plan).arrays.project[0].n_days) <= MOST_DAYS
    for days, fits in ((MOST_DAYS - 1, True), (MOST_DAYS + 1, False)):
        arrays = compile_plan(with_days(plan, days)).arrays
        assert abs(int(arrays.project[0].n_days) - days) <= 1
        assert is_small(arrays) is fits


@pytest.mark.parametrize("name", sorted(set(MOST_OF) - {"project"}))
def test_more_of_anything_than_there_is_room_for__is_not_small(name):
    arrays = compile_plan(make_scenario(3)).arrays
    assert is_small(arrays)
    table = getattr(arrays, name)
    shape = (MOST_OF[name] + 1,) + (1,) * (table.ndim - 1)
    assert not is_small(arrays._replace(**{name: np.zeros(shape, table.dtype).view(type(table))}))


def blocks() -> list[tuple[PlanArrays | State, dict[str, Place]]]:
    arrays = compile_plan(people_plan(MOST, MOST)).arrays
    state = new_state(arrays)
    for number, table in enumerate(state):
        table.view(np.uint8).reshape(-1)[:] = number + 1
    return [(arrays, plan_places()), (state, state_places())]


@pytest.mark.parametrize("which", [0, 1], ids=["plan", "workspace"])
def test_block_of__has_every_table_at_its_place(which):
    arrays, places = blocks()[which]
    block = block_of(arrays)
    assert block.ctypes.data % LINE == 0
    heads, word, end = block.view(np.uint8), 0, 8 * len(words_of(arrays))
    for name, table in zip(arrays._fields, arrays, strict=True):
        address, shape = int(block[word]), block[word + 1 : word + 1 + table.ndim].tolist()
        word += 1 + table.ndim
        assert shape == list(table.shape), name
        if name not in places:
            assert address == table.ctypes.data, name
            continue
        place = places[name]
        assert address == block.ctypes.data + place.first, name
        assert heads[place.first : place.first + table.nbytes].tobytes() == table.tobytes(), name
        assert place.first >= end, name  # behind what comes before it
        assert table.nbytes <= place.size, name
        assert all(known in (None, length) for known, length in zip(place.shape, table.shape, strict=True)), name
        end = place.first + place.size
