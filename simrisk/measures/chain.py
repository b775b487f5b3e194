"""Who is on the driving chain: tasks, gates, people and pools, how often and how long."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from simrisk.dataset import Results, column, remembered
from simrisk.measures import estimates, project
from simrisk.measures.estimates import Estimate

Dim = Literal["task", "gate", "person", "pool"]
DIMS: tuple[Dim, ...] = ("task", "gate", "person", "pool")


class Member(NamedTuple):
    """One that can be on the driving chain.

    Parameters
    ----------
    dim, label : str
        What it is, and its id.
    often : Estimate
        Share of the finished trials in which it is on the chain.
    minutes : Estimate
        Mean working minutes of the chain that are its, over the finished trials.
    when_on : Estimate
        The same over those in which it is on the chain.
    """

    dim: Dim
    label: str
    often: Estimate
    minutes: Estimate
    when_on: Estimate


def chain_members(run: Results, dim: Dim | None = None) -> tuple[Member, ...]:
    """Tasks, gates, people and pools with their place on the driving chain, those with most of it first.

    A task has the minutes of its stretches of the chain, a gate those from its first review to its passing; lags, dates
    and waits for sprints are nobody's. A person has the minutes of stretches of parts they had a hand in, a pool those
    of its parts: several people can have the same ones, so those of people can add up to more than the finish.

    Parameters
    ----------
    run : xarray.Dataset
    dim : "task", "gate", "person" or "pool", optional
        Default: all of them.
    """
    return remembered(run, ("members", dim), lambda: _members(run, dim))


def _members(run: Results, dim: Dim | None) -> tuple[Member, ...]:
    done, blocks = project.finished(run), project.finished_blocks(run)
    found = []
    for of in DIMS if dim is None else (dim,):
        labels = run[of].values.tolist()
        often = zip(*project.shares_critical(run, of), strict=True)
        for label, bounds in zip(labels, often, strict=True):
            minutes = column(run, f"{of}_chain_minutes", of, label)[done]
            on = column(run, f"{of}_critical", of, label)[done]
            share = Estimate(*map(float, bounds))
            alone = estimates.mean(minutes[on], None if blocks is None else blocks[on])
            found.append(Member(of, label, share, estimates.mean(minutes, blocks), alone))
    return tuple(sorted(found, key=lambda member: -np.nan_to_num(member.minutes.value)))


def anybody(run: Results) -> bool:
    """Whether the chain of any trial has minutes of a task or gate."""
    owners = ((dim, label) for dim in ("task", "gate") for label in run[dim].values.tolist())
    return any(column(run, f"{dim}_chain_minutes", dim, label).any() for dim, label in owners)
