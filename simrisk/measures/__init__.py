"""Figures of a run, each with its Monte Carlo error; everything here works from a Dataset alone."""

from simrisk.dataset.ranks import quantile_ranks
from simrisk.measures.absence import absences
from simrisk.measures.burnup import burnup
from simrisk.measures.cashflow import spent
from simrisk.measures.convergence import convergence
from simrisk.measures.distance import logic_gap
from simrisk.measures.drivers import rank_correlation, tornado
from simrisk.measures.estimates import Estimate, mean, quantile, sd, share
from simrisk.measures.figure import Measure
from simrisk.measures.histogram import histogram
from simrisk.measures.joint import joint_chance, joint_cost, joint_frontier, quadrants
from simrisk.measures.metrics import measure, metric_names
from simrisk.measures.occupation import occupations
from simrisk.measures.project import chain_shares, criticality
from simrisk.measures.sensitivity import cruciality, schedule_sensitivity
from simrisk.measures.waterfall import waterfall

__all__ = [
    "Estimate",
    "Measure",
    "absences",
    "burnup",
    "chain_shares",
    "convergence",
    "criticality",
    "cruciality",
    "histogram",
    "joint_chance",
    "joint_cost",
    "joint_frontier",
    "logic_gap",
    "mean",
    "measure",
    "metric_names",
    "occupations",
    "quadrants",
    "quantile",
    "quantile_ranks",
    "rank_correlation",
    "schedule_sensitivity",
    "sd",
    "share",
    "spent",
    "tornado",
    "waterfall",
]
