"""What people's time goes into: work, ceremonies, leave, absence, being gone, and what is left free."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simrisk.dataset import Results, column, remembered
from simrisk.measures import members, project
from simrisk.measures.estimates import Estimate, mean

USES = ("work", "ceremonies", "free", "leave", "absence", "gone")


class Occupation(NamedTuple):
    """Mean shares of the time of a person, or of a pool's heads.

    Parameters
    ----------
    label : str
    kind : str
        "person" or "pool".
    shares : dict
        Use of `USES` to its mean share with interval; of a pool: work and free.
    """

    label: str
    kind: str
    shares: dict[str, Estimate]

    @property
    def busy(self) -> float:
        """Share that goes into work and ceremonies."""
        return sum(self.shares[use].value for use in ("work", "ceremonies") if use in self.shares)


def occupations(run: Results) -> list[Occupation]:
    """Of everybody who is there in some finished trial, in the order of the scenario, people before pools.

    Over the finished trials in which they are there at all; the shares of each trial add up to 1, and so do the means.
    """
    found = [_person(run, str(person)) for person in run["person"].values]
    found += [_pool(run, str(pool)) for pool in run["pool"].values]
    return [one for one in found if one is not None]


def ranked(run: Results) -> list[Occupation]:
    """The same, the busiest first."""
    return list(remembered(run, ("ranked",), lambda: tuple(sorted(occupations(run), key=lambda one: -one.busy))))


def _person(run: Results, person: str) -> Occupation | None:
    """Shares of the time they are employed, from the first minute simulated to the end."""
    figures = ("worked", "ceremony", "leave", "absence", "departed")
    work, ceremony, leave, absence, gone = (column(run, f"person_{f}", "person", person) for f in figures)
    busy, present = members.busy_and_present(run, person)
    employed = present.astype(np.int64) + leave + absence + gone
    uses = (work, ceremony, present - busy, leave, absence, gone)
    return _shares(run, person, "person", dict(zip(USES, uses, strict=True)), employed)


def _pool(run: Results, pool: str) -> Occupation | None:
    worked, there = (column(run, f"pool_{minutes}", "pool", pool) for minutes in ("worked", "present"))
    return _shares(run, pool, "pool", {"work": worked, "free": there - worked}, there)


def _shares(run: Results, label: str, kind: str, uses: dict[str, np.ndarray], there: np.ndarray) -> Occupation | None:
    some = project.finished(run) & (there > 0)
    if not some.any():
        return None
    blocks = project.blocks(run)
    of_some = None if blocks is None else blocks[some]
    shares = {use: mean(minutes[some] / there[some], of_some) for use, minutes in uses.items()}
    return Occupation(label, kind, shares)
