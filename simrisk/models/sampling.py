"""Sampling: whether trials are drawn each on its own or together, in blocks that cover every quantity evenly."""

from __future__ import annotations

import dataclasses
from typing import Literal

from simrisk.plan import Plan
from simrisk_kernels.layout import INDEPENDENT, STRATA

Sampling = Literal["independent", "lhs"]
SAMPLINGS: tuple[Sampling, ...] = ("independent", "lhs")


def sampled(plan: Plan, sampling: Sampling) -> Plan:
    """Return the plan with its trials drawn this way; trial number k stays a world that needs no other trial."""
    project = plan.arrays.project.copy()
    project.strata = STRATA if sampling == "lhs" else INDEPENDENT
    return dataclasses.replace(plan, arrays=plan.arrays._replace(project=project))


def trials_drawn_together(plan: Plan) -> int:
    """Return how many trials form a block: 1 when each is drawn on its own."""
    return max(1, int(plan.arrays.project[0].strata))
