"""Bundles: a named tuple of arrays that compiled functions hand on as one pointer.

Outside, `pack` writes where every array lies, and its shape, into one int64 array; an entry kernel turns that into a
bundle, whose attributes are tables: they are indexed like arrays, from 0 up and never from the end. Why not numba's
arrays: each is seven arguments, counts its references with atomic instructions and looks at every index whether
it is negative. A table is one pointer, counts nothing and owns nothing: whoever packs keeps the arrays. Without
compilation the tuple itself is handed on.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.datamodel import PrimitiveModel
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global, signature
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_builtin,
    lower_getattr,
    lower_getattr_generic,
    register_model,
)

from simrisk_kernels.layout import PLAN_SPEC, PlanArrays, new_outcomes, words_of
from simrisk_kernels.small import Place, block_of, plan_places, state_places
from simrisk_kernels.state import new_state

WORD = ir.IntType(64)


class TableType(types.Type):
    """An array behind a bundle: the address of its packed words, where it lies and its shape.

    Parameters
    ----------
    dtype : numba's type
    shape : tuple of int or None
        Lengths of the axes that are known when the kernel is compiled.
    offset : int, optional
        Bytes from its packed words to where it lies, if that is known, too.
    """

    def __init__(self, dtype: Any, shape: tuple[int | None, ...], offset: int | None = None) -> None:
        self.dtype = dtype
        self.shape = shape
        self.ndim = len(shape)
        self.offset = offset
        super().__init__(name=f"Table({dtype}, {shape}, {offset})")


class RowType(types.Type):
    """The last axis of a table at one place of all others: the address of its first element."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Row({dtype})")


class BundleType(types.Type):
    """The type of a bundle: the names and types of its tables."""

    def __init__(self, name: str, fields: dict[str, TableType]) -> None:
        self.fields = fields
        self.places = {}
        place = 0
        for field, table in fields.items():
            self.places[field] = place
            place += 1 + table.ndim
        super().__init__(name=f"Bundle({name})")


@register_model(BundleType)
@register_model(TableType)
class WordsModel(PrimitiveModel):
    """The address of packed words."""

    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, WORD.as_pointer())


@register_model(RowType)
class RowModel(PrimitiveModel):
    """The address of an element."""

    def __init__(self, manager: Any, row: Any) -> None:
        super().__init__(manager, row, manager.lookup(row.dtype).get_data_type().as_pointer())


@infer_getattr
class BundleAttribute(AttributeTemplate):
    """The attributes of a bundle are its tables."""

    key = BundleType

    def generic_resolve(self, bundle: Any, attribute: str) -> Any:
        """Return the type of a table."""
        return bundle.fields.get(attribute)


@lower_getattr_generic(BundleType)
def _table_of(context: Any, builder: Any, bundle: Any, value: Any, attribute: str) -> Any:
    return builder.gep(value, [ir.Constant(WORD, bundle.places[attribute])])


def _word(builder: Any, words: Any, place: int) -> Any:
    """Load a packed word; it never changes while a kernel runs."""
    loaded = builder.load(builder.gep(words, [ir.Constant(WORD, place)]))
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


def _axis(builder: Any, table: Any, words: Any, axis: int) -> Any:
    """Return the length of an axis of a table."""
    known = table.shape[axis]
    return _word(builder, words, 1 + axis) if known is None else ir.Constant(WORD, known)


@infer_getattr
class TableAttribute(AttributeTemplate):
    """Tables have a shape."""

    key = TableType

    def resolve_shape(self, table: Any) -> Any:
        """Return the type of the shape."""
        return types.UniTuple(types.intp, table.ndim)


@lower_getattr(TableType, "shape")
def _shape_of(context: Any, builder: Any, table: Any, value: Any) -> Any:
    lengths = [_axis(builder, table, value, axis) for axis in range(table.ndim)]
    return context.make_tuple(builder, types.UniTuple(types.intp, table.ndim), lengths)


@infer_global(len)
class LengthOfTable(AbstractTemplate):
    """Tables have a length."""

    def generic(self, arguments: Any, keywords: Any) -> Any:
        """Return the signature for a table."""
        if isinstance(arguments[0], TableType):
            return signature(types.intp, arguments[0])
        return None


@lower_builtin(len, TableType)
def _length_of(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
    return length_of(builder, call.args[0], arguments[0])


def length_of(builder: Any, kind: Any, table: Any) -> Any:
    """Return the length of a table, for an intrinsic."""
    return _axis(builder, kind, table, 0)


def size_of(builder: Any, kind: Any, table: Any) -> Any:
    """Return the number of items of a table, for an intrinsic."""
    size = ir.Constant(WORD, 1)
    for axis in range(kind.ndim):
        size = builder.mul(size, _axis(builder, kind, table, axis))
    return size


def address_of(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return the address of the first element of a table or of one of numba's arrays, for an intrinsic."""
    if isinstance(kind, types.Array):
        return context.make_array(kind)(context, builder, value).data
    item = context.get_data_type(kind.dtype).as_pointer()
    if kind.offset is None:
        return builder.inttoptr(_word(builder, value, 0), item)
    begin = builder.bitcast(value, ir.IntType(8).as_pointer())
    return builder.bitcast(builder.gep(begin, [ir.Constant(WORD, kind.offset)]), item)


def _n_indices(index: Any) -> int:
    """Return the number of integers that an index has; 0: it is none that a table takes."""
    if isinstance(index, types.Integer):
        return 1
    if isinstance(index, types.BaseTuple) and all(isinstance(part, types.Integer) for part in index):
        return len(index)
    return 0


def _item_type(table: Any, index: Any) -> Any:
    """Return the type of what lies at an index; None: a table is not indexed so."""
    n = _n_indices(index)
    if isinstance(table, RowType):
        return table.dtype if n == 1 else None
    if isinstance(table, TableType) and n == table.ndim:
        return table.dtype
    return RowType(table.dtype) if isinstance(table, TableType) and n == table.ndim - 1 > 0 else None


@infer_global(operator.getitem)
class ItemOfTable(AbstractTemplate):
    """What lies at an index."""

    def generic(self, arguments: Any, keywords: Any) -> Any:
        """Return the signature for a table or a row."""
        item = _item_type(arguments[0], arguments[1])
        return None if item is None else signature(item, *arguments)


@infer_global(operator.setitem)
class ItemIntoTable(AbstractTemplate):
    """Put something where an index says."""

    def generic(self, arguments: Any, keywords: Any) -> Any:
        """Return the signature for a table or a row."""
        table, index, value = arguments
        if _item_type(table, index) is None or _item_type(table, index) != table.dtype:
            return None
        return signature(types.none, table, index, value)


def _place_of(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
    """Return the address of what lies at an index of a table, or at its beginning if the last axis is left open."""
    table, index_type = call.args[:2]
    if isinstance(index_type, types.BaseTuple):
        types_of, indices = tuple(index_type), [builder.extract_value(arguments[1], i) for i in range(len(index_type))]
    else:
        types_of, indices = (index_type,), [arguments[1]]
    indices = [context.cast(builder, i, t, types.intp) for i, t in zip(indices, types_of, strict=True)]
    if isinstance(table, RowType):
        return builder.gep(arguments[0], indices)
    if len(indices) < table.ndim:
        indices.append(ir.Constant(WORD, 0))
    offset = indices[0]
    for axis in range(1, table.ndim):
        offset = builder.add(builder.mul(offset, _axis(builder, table, arguments[0], axis)), indices[axis])
    return builder.gep(address_of(context, builder, table, arguments[0]), [offset])


def _read(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
    place = _place_of(context, builder, call, arguments)
    if isinstance(call.return_type, RowType):
        return place
    return context.unpack_value(builder, call.return_type, place)


def _write(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
    table, _, value = call.args
    context.pack_value(
        builder,
        table.dtype,
        context.cast(builder, arguments[2], value, table.dtype),
        _place_of(context, builder, call, arguments),
    )
    return context.get_dummy_value()


for _kind in (TableType, RowType):
    for _index in (types.Integer, types.BaseTuple):
        lower_builtin(operator.getitem, _kind, _index)(_read)
        lower_builtin(operator.setitem, _kind, _index, types.Any)(_write)


def make_opener(name: str, example: Any, places: dict[str, Place] | None = None) -> Callable[[Any], Any]:
    """Return what turns packed words into a bundle with the fields of the named tuple `example`.

    Parameters
    ----------
    places : dict of Place, optional
        Where tables lie behind the words, as far as that is known: see `small`.
    """
    if numba.config.DISABLE_JIT:
        return lambda packed: packed
    arrays = {field: numba.typeof(getattr(example, field)) for field in example._fields}
    bundle = BundleType(name, _tables(arrays, places or {}))

    @intrinsic
    def open_bundle(typing_context: Any, packed: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.make_array(packed)(context, builder, arguments[0]).data

        return bundle(packed), generate

    return open_bundle  # type: ignore[no-any-return]


def make_inner_opener(name: str, example: dict[str, Any], places: dict[str, Place]) -> Callable[[Any], Any]:
    """Return what turns a bundle into another one: of its first tables, which lie side by side where `places` says."""
    if numba.config.DISABLE_JIT:
        return lambda bundle: bundle
    tables = _tables({field: numba.typeof(array) for field, array in example.items()}, places)
    inner = BundleType(name, tables)

    @intrinsic
    def open_inner(typing_context: Any, bundle: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(_word(builder, arguments[0], 0), WORD.as_pointer())

        return inner(bundle), generate

    return open_inner  # type: ignore[no-any-return]


def _tables(arrays: dict[str, Any], places: dict[str, Place]) -> dict[str, TableType]:
    tables, word = {}, 0
    for field, array in arrays.items():
        place = places.get(field)
        if place is None:
            tables[field] = TableType(array.dtype, (None,) * array.ndim)
        else:
            tables[field] = TableType(array.dtype, place.shape, place.first - 8 * word)
        word += 1 + array.ndim
    return tables


def pack(arrays: Any) -> Any:
    """Return what entry kernels take for a named tuple of arrays, which has to outlive it.

    Returns
    -------
    (n_words,) int64
        For each array its address and its shape. Without compilation: `arrays` itself.
    """
    if numba.config.DISABLE_JIT:
        return arrays
    return words_of(arrays)


def pack_small(arrays: Any) -> Any:
    """Return what the entry kernel for small plans takes for one, or for a workspace for one; keep the arrays."""
    return arrays if numba.config.DISABLE_JIT else block_of(arrays)


def empty_plan() -> PlanArrays:
    """Return a plan of one of everything, by which the kernels know the types."""
    arrays = {}
    for name, (dtype, n_dims) in PLAN_SPEC.items():
        array = np.zeros((1,) * n_dims, dtype)
        arrays[name] = array.view(np.recarray) if array.dtype.names else array
    return PlanArrays(**arrays)


_plan = empty_plan()

open_plan = make_opener("plan", _plan)
open_state = make_opener("state", new_state(_plan))
open_small_plan = make_opener("small plan", _plan, plan_places())
open_small_state = make_opener("small state", new_state(_plan), state_places())
open_outcomes = make_opener("outcomes", new_outcomes(1, _plan))
