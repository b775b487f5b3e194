"""The numbers of simrisk: arrays in, arrays out. Names only; importing this compiles nothing."""

from simrisk_kernels.layout import PLAN_LAYOUT, Outcomes, PlanArrays

__all__ = ["PLAN_LAYOUT", "Outcomes", "PlanArrays"]
