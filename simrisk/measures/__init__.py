"""Figures of a run, each with its Monte Carlo error; everything here works from a Dataset alone."""

from simrisk.measures.estimates import Estimate, mean, quantile, quantile_ranks, sd, share
from simrisk.measures.metrics import Measure, measure, metric_names
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
