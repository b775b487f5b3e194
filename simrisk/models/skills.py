"""Skills: what everybody can do at the start, what tasks teach them, and how well each could do a part."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from simrisk.models.slices import records
from simrisk.scenario.ability import efficiency, factor_at
from simrisk.scenario.model import Person, Scenario
from simrisk_kernels.layout import RAISE


class SkillTable:
    """The skills of a plan, numbered, and the levels people have in them and can come to have."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        raises = [entry for task in scenario.tasks for entry in task.raises]
        named = chain(
            (skill for person in scenario.people for skill in person.skills),
            (skill for task in scenario.tasks for skill in task.skills),
            (skill for gate in scenario.gates for skill in gate.rework_skills),
            (skill for _, skill, _ in raises),
        )
        self._places = {skill: i for i, skill in enumerate(dict.fromkeys(named))}
        self._most = {(person.id, skill): level for person in scenario.people for skill, level in person.skills.items()}
        for name, skill, level in raises:
            self._most[name, skill] = max(level, self._most.get((name, skill), 0))
        self.n_levels = 1 + max(self._most.values(), default=0)

    def indices(self, skills: Iterable[str]) -> list[int]:
        """Return the places of some skills."""
        return [self._places[skill] for skill in skills]

    def levels(self) -> NDArray[np.int64]:
        """Return the levels at the start, shape (n_people, n_skills)."""
        levels = np.zeros((len(self.scenario.people), len(self._places)), np.int64)
        for i, person in enumerate(self.scenario.people):
            for skill, level in person.skills.items():
                levels[i, self._places[skill]] = level
        return levels

    def raises(self) -> tuple[np.recarray, list[tuple[int, int]]]:
        """Return what tasks teach people, shape (n,), and each task's slice of it."""
        people = {person.id: i for i, person in enumerate(self.scenario.people)}
        rows: list[tuple[int, ...]] = []
        slices = []
        for task in self.scenario.tasks:
            slices.append((len(rows), len(task.raises)))
            rows.extend((people[name], self._places[skill], level) for name, skill, level in task.raises)
        return records(rows, RAISE), slices

    def reach(self, person: Person, skills: tuple[str, ...]) -> range:
        """Return the levels that the lowest of somebody's levels in `skills`, which are some, can take."""
        least = min(person.skills.get(skill, 0) for skill in skills)
        most = min(self._most.get((person.id, skill), 0) for skill in skills)
        return range(least, most + 1)

    def factors(self, person: Person, skills: tuple[str, ...]) -> dict[int, Fraction]:
        """Return the factor at each level that can come about and at which `person` can do the work."""
        if not skills:
            return {0: Fraction(1)}
        factors = {level: factor_at(self.scenario, level) for level in self.reach(person, skills)}
        return {level: factor for level, factor in factors.items() if factor is not None}

    def own_hours(self, person: Person, skills: tuple[str, ...], planned: Person) -> dict[int, Fraction]:
        """Return the factors for work given in the hours of `planned`."""
        factors = self.factors(person, skills)
        if person is planned:
            return dict.fromkeys(factors, Fraction(1))
        measure = efficiency(self.scenario, planned, skills)
        if measure is None:
            return factors
        return {level: min(Fraction(1), factor / measure) for level, factor in factors.items()}
