"""Bundles: a named tuple of arrays that compiled functions hand on as one pointer.

Why: numba passes every array of a tuple as seven arguments, so that each of the small functions of a kernel would take
several hundred; compiling them took 85 s, with bundles it takes a sixth of that. Without compilation the
tuple itself is handed on: both are read by attribute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.experimental import structref

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import PLAN_SPEC, Outcomes, PlanArrays, new_outcomes
from simrisk_kernels.state import State, new_state


@structref.register
class BundleType(types.StructRef):
    """The type of a bundle: its fields' names and types."""

    def preprocess_fields(self, fields: Any) -> Any:
        """Keep array types as they are."""
        return tuple((name, types.unliteral(field)) for name, field in fields)


def _make_bundler(example: Any) -> Callable[[Any], Any]:
    """Return a kernel that turns a named tuple like `example` into a bundle."""
    if numba.config.DISABLE_JIT:
        return lambda arrays: arrays
    bundle_type = BundleType([(name, numba.typeof(getattr(example, name))) for name in example._fields])
    lines = ["def bundle(arrays):", "    bundle = new(bundle_type)"]
    lines += [f"    bundle.{name} = arrays.{name}" for name in example._fields]
    names: dict[str, Any] = {"new": structref.new, "bundle_type": bundle_type}
    exec("\n".join([*lines, "    return bundle"]), names)
    return kernel(names["bundle"])


def _empty_plan() -> PlanArrays:
    arrays = {}
    for name, (dtype, n_dims) in PLAN_SPEC.items():
        array = np.zeros((1,) * n_dims, dtype)
        arrays[name] = array.view(np.recarray) if array.dtype.names else array
    return PlanArrays(**arrays)


_plan: PlanArrays = _empty_plan()
_state: State = new_state(_plan)
_outcomes: Outcomes = new_outcomes(1, _plan)

bundle_plan = _make_bundler(_plan)
bundle_state = _make_bundler(_state)
bundle_outcomes = _make_bundler(_outcomes)
