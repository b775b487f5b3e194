"""Figures of a run, each with its Monte Carlo error; everything here works from a Dataset alone."""

from simrisk.dataset.ranks import quantile_ranks
from simrisk.measures.estimates import Estimate, mean, quantile, sd, share
from simrisk.measures.figure import Measure
from simrisk.measures.metrics import measure, metric_names
from simrisk.measures.project import chain_shares, criticality

__all__ = [
    "Estimate",
    "Measure",
    "chain_shares",
    "criticality",
    "mean",
    "measure",
    "metric_names",
    "quantile",
    "quantile_ranks",
    "sd",
    "share",
]
