"""The numbers of simrisk: arrays in, arrays out. Names only; importing this compiles nothing."""

from simrisk_kernels.layout import Outcomes, PlanArrays

__all__ = ["Outcomes", "PlanArrays"]
