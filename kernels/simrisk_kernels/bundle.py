"""Bundles: a named tuple of arrays that compiled functions hand on as one pointer.

Outside, `pack` writes where every array lies, and its shape, into one int64 array; an entry kernel turns that into a
bundle, whose attributes are the arrays. Why: numba passes every array as seven arguments and counts references to it
with atomic instructions; compiling took six times as long, and a sixth of the running time was counting. A bundle
counts nothing and owns nothing: whoever packs keeps the arrays. Without compilation the tuple itself is handed on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import PrimitiveModel
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, register_model
from numba.np.arrayobj import make_array, populate_array

from simrisk_kernels.layout import PLAN_SPEC, PlanArrays, new_outcomes
from simrisk_kernels.state import new_state

WORD = ir.IntType(64)


class BundleType(types.Type):
    """The type of a bundle: the names and types of its arrays."""

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.places = {}
        place = 0
        for field, array in fields.items():
            self.places[field] = place
            place += 1 + array.ndim
        super().__init__(name=f"Bundle({name})")


@register_model(BundleType)
class BundleModel(PrimitiveModel):
    """A bundle is the address of its packed words."""

    def __init__(self, manager: Any, bundle: Any) -> None:
        super().__init__(manager, bundle, WORD.as_pointer())


@infer_getattr
class BundleAttribute(AttributeTemplate):
    """The attributes of a bundle are its arrays."""

    key = BundleType

    def generic_resolve(self, bundle: Any, attribute: str) -> Any:
        """Return the type of an array."""
        return bundle.fields.get(attribute)


@lower_getattr_generic(BundleType)
def _read_array(context: Any, builder: Any, bundle: Any, value: Any, attribute: str) -> Any:
    """Make up the array from its packed words, which never change while a kernel runs."""
    array = bundle.fields[attribute]

    def word(offset: int) -> Any:
        place = builder.gep(value, [ir.Constant(ir.IntType(32), bundle.places[attribute] + offset)])
        loaded = builder.load(place)
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    made = make_array(array)(context, builder)
    item_type = context.get_data_type(array.dtype)
    item_bytes = context.get_abi_sizeof(item_type)
    shape = [word(1 + axis) for axis in range(array.ndim)]
    strides = [ir.Constant(WORD, item_bytes)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    populate_array(
        made,
        data=builder.inttoptr(word(0), item_type.as_pointer()),
        shape=cgutils.pack_array(builder, shape),
        strides=cgutils.pack_array(builder, strides),
        itemsize=ir.Constant(WORD, item_bytes),
        meminfo=None,
    )
    return made._getvalue()


def make_opener(name: str, example: Any) -> Callable[[Any], Any]:
    """Return what turns packed words into a bundle with the fields of the named tuple `example`."""
    if numba.config.DISABLE_JIT:
        return lambda packed: packed
    bundle = BundleType(name, {field: numba.typeof(getattr(example, field)) for field in example._fields})

    @intrinsic
    def open_bundle(typing_context: Any, packed: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return make_array(packed)(context, builder, arguments[0]).data

        return bundle(packed), generate

    return open_bundle  # type: ignore[no-any-return]


def pack(arrays: Any) -> Any:
    """Return what entry kernels take for a named tuple of arrays, which has to outlive it.

    Returns
    -------
    (n_words,) int64
        For each array its address and its shape. Without compilation: `arrays` itself.
    """
    if numba.config.DISABLE_JIT:
        return arrays
    return np.array([word for array in arrays for word in (array.ctypes.data, *array.shape)], np.int64)


def _empty_plan() -> PlanArrays:
    arrays = {}
    for name, (dtype, n_dims) in PLAN_SPEC.items():
        array = np.zeros((1,) * n_dims, dtype)
        arrays[name] = array.view(np.recarray) if array.dtype.names else array
    return PlanArrays(**arrays)


_plan = _empty_plan()

open_plan = make_opener("plan", _plan)
open_state = make_opener("state", new_state(_plan))
open_outcomes = make_opener("outcomes", new_outcomes(1, _plan))
