"""Rows of 64 trials in explicit vectors: what the network's passes do with one activity in all trials of a block.

Numba hands a loop over a row to LLVM's vectoriser, which gives up where several rows could overlap. These functions
say `<16 x i32>` themselves (`numba.extending.intrinsic`); LLVM makes of it what the machine has, AVX-512, AVX2, SSE2 or
NEON. They add, subtract and compare integers, so the numbers are the same on all of them. Without compilation the NumPy
functions at the end stand in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, reduce
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from simrisk_kernels.bundle import address_of
from simrisk_kernels.lanes import features_of
from simrisk_kernels.network_layout import BLOCK

LANES = 16  # of a vector
VECTORS = BLOCK // LANES

Builder = Any  # ir.IRBuilder
Value = Any  # ir.Value
Moments = Callable[[Builder, list[Value], list[Value]], tuple[Value, Value]]

INT16, INT32, INT64 = ir.IntType(16), ir.IntType(32), ir.IntType(64)
ROW = ir.VectorType(INT32, LANES)
HALF = ir.VectorType(INT64, LANES // 2)
NOTHING = ir.Constant(HALF, [0] * HALF.count)
IFMA_LIMIT = 1 << 26  # minutes: no product of two that are less reaches 2**52


def _same(number: int) -> Value:
    """Return a vector of one number."""
    return ir.Constant(ROW, [number] * LANES)


def _spread(builder: Builder, number: Value) -> Value:
    """Return a vector of one number that is known only when the code runs (int32)."""
    first = builder.insert_element(ir.Constant(ROW, ir.Undefined), number, INT32(0))
    return builder.shuffle_vector(first, ir.Constant(ROW, ir.Undefined), _same(0))


def _element(builder: Builder, pointer: Value, place: Value) -> Value:
    """Return one element of an array as int64."""
    value = builder.load(builder.gep(pointer, [place]))
    return value if value.type == INT64 else builder.sext(value, INT64)


def _number(builder: Builder, pointer: Value, place: Value) -> Value:
    """Return one element of an int32 array."""
    return builder.load(builder.gep(pointer, [place]))


def _place(builder: Builder, row: Value, vector: int) -> Value:
    """Return the place of the first element of a vector of a row."""
    return builder.add(builder.mul(row, INT64(BLOCK)), INT64(LANES * vector))


def _load(builder: Builder, pointer: Value, row: Value, vector: int) -> Value:
    """Return one vector of a row."""
    first = builder.gep(pointer, [_place(builder, row, vector)])
    value = builder.load(builder.bitcast(first, ROW.as_pointer()))
    value.align = 4
    return value


def _store(builder: Builder, value: Value, pointer: Value, row: Value, vector: int) -> None:
    """Write one vector of a row."""
    first = builder.gep(pointer, [_place(builder, row, vector)])
    builder.store(value, builder.bitcast(first, ROW.as_pointer())).align = 4


def _larger(builder: Builder, first: Value, second: Value) -> Value:
    return builder.select(builder.icmp_signed(">", first, second), first, second)


def _smaller(builder: Builder, first: Value, second: Value) -> Value:
    return builder.select(builder.icmp_signed("<", first, second), first, second)


def _halves(builder: Builder, value: Value) -> list[Value]:
    """Return every other element of a vector, and those between, as int64: multiplied, they need not be moved."""
    n = value.type.count // 2
    wide = ir.VectorType(INT64, n)
    pairs, width = builder.bitcast(value, wide), ir.Constant(wide, [32] * n)
    return [builder.ashr(builder.shl(pairs, width), width), builder.ashr(pairs, width)]


def _without_sign(builder: Builder, value: Value) -> list[Value]:
    """Return every other element of a vector, and those between, as int64; none is negative."""
    pairs = builder.bitcast(value, HALF)
    low, width = (ir.Constant(HALF, [number] * HALF.count) for number in (0xFFFFFFFF, 32))
    return [builder.and_(pairs, low), builder.lshr(pairs, width)]


def _parts(builder: Builder, value: Value) -> list[Value]:
    """Return the lower and the upper half of a vector."""
    n = value.type.count // 2
    nothing = ir.Constant(value.type, ir.Undefined)
    return [builder.shuffle_vector(value, nothing, _places(range(first, first + n))) for first in (0, n)]


def _places(places: Iterable[int]) -> Value:
    """Return places of elements, as a shuffle takes them."""
    numbers = list(places)
    return ir.Constant(ir.VectorType(INT32, len(numbers)), numbers)


def _folded(builder: Builder, value: Value, together: Callable[[Value, Value], Value], width: int = 1) -> Value:
    """Return what becomes of the elements of a vector when its halves are put together until `width` are left."""
    while value.type.count > width:
        value = together(*_parts(builder, value))
    return builder.extract_element(value, INT32(0)) if width == 1 else value


def _sums_of_two(builder: Builder, first: Value, second: Value) -> Value:
    """Return the sums of two vectors as a vector of two: mixed, they are added up in half the steps."""
    n = first.type.count
    mixed = [
        builder.shuffle_vector(first, second, _places(place for i in range(k, n, 2) for place in (i, n + i)))
        for k in range(2)
    ]
    return _folded(builder, builder.add(*mixed), builder.add, 2)


def _for_each(
    builder: Builder, first: Value, end: Value, values: list[Value], body: Callable[[Value, list[Value]], list[Value]]
) -> list[Value]:
    """Run `values = body(i, values)` for each i from `first` to before `end`; return the values."""
    before = builder.block
    loop, after = builder.append_basic_block("loop"), builder.append_basic_block("after")
    builder.cbranch(builder.icmp_signed("<", first, end), loop, after)
    builder.position_at_end(loop)
    i = builder.phi(INT64)
    i.add_incoming(first, before)
    carried = [builder.phi(value.type) for value in values]
    for phi, value in zip(carried, values, strict=True):
        phi.add_incoming(value, before)
    new = body(i, carried)
    following = builder.add(i, INT64(1))
    last = builder.block
    i.add_incoming(following, last)
    for phi, value in zip(carried, new, strict=True):
        phi.add_incoming(value, last)
    builder.cbranch(builder.icmp_signed("<", following, end), loop, after)
    builder.position_at_end(after)
    results = []
    for old, value in zip(values, new, strict=True):
        phi = builder.phi(old.type)
        phi.add_incoming(old, before)
        phi.add_incoming(value, last)
        results.append(phi)
    return results


@intrinsic
def _forward_rows(  # type: ignore[no-untyped-def]
    typing_context, ends, lengths, first, end, bases, in_ptr, in_rows, in_lags
):
    signature = types.void(ends, lengths, types.int64, types.int64, bases, in_ptr, in_rows, in_lags)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ends, lengths, bases, pointers, rows, lags = (
            address_of(context, builder, signature.args[k], arguments[k]) for k in (0, 1, 4, 5, 6, 7)
        )

        def wait(link: Value, starts: list[Value]) -> list[Value]:
            before, lag = _element(builder, rows, link), _spread(builder, _number(builder, lags, link))
            return [
                _larger(builder, start, builder.add(_load(builder, ends, before, k), lag))
                for k, start in enumerate(starts)
            ]

        def go_on(row: Value, carried: list[Value]) -> list[Value]:
            links = [_element(builder, pointers, builder.add(row, INT64(k))) for k in (0, 1)]
            base = _spread(builder, _number(builder, bases, row))
            for k, start in enumerate(_for_each(builder, *links, [base] * VECTORS, wait)):
                _store(builder, builder.add(start, _load(builder, lengths, row, k)), ends, row, k)
            return carried

        _for_each(builder, arguments[2], arguments[3], [], go_on)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _latest_rows(typing_context, ends, chosen, n, latest, least):  # type: ignore[no-untyped-def]
    signature = types.int64(ends, chosen, types.int64, latest, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ends, rows, latest = (address_of(context, builder, signature.args[k], arguments[k]) for k in (0, 1, 3))

        def wait(link: Value, later: list[Value]) -> list[Value]:
            row = _element(builder, rows, link)
            return [_larger(builder, value, _load(builder, ends, row, k)) for k, value in enumerate(later)]

        none, later = _spread(builder, builder.trunc(arguments[4], INT32)), partial(_larger, builder)
        found = _for_each(builder, INT64(0), arguments[2], [none] * VECTORS, wait)
        for k, value in enumerate(found):
            _store(builder, value, latest, INT64(0), k)
        return builder.sext(_folded(builder, reduce(later, found), later), INT64)

    return signature, generate


@intrinsic
def _backward_rows(  # type: ignore[no-untyped-def]
    typing_context, ends, lengths, first, end, latest, most, out_ptr, out_rows, out_lags, critical, sums
):
    bounds = types.int64, types.int64
    signature = types.void(ends, lengths, *bounds, latest, types.int64, out_ptr, out_rows, out_lags, critical, sums)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ends, lengths, latest, pointers, rows, lags, critical, sums = (
            address_of(context, builder, signature.args[k], arguments[k]) for k in (0, 1, 4, 6, 7, 8, 9, 10)
        )
        first, end = arguments[2:4]
        features = features_of(context)

        def finishes() -> list[Value]:
            return [_load(builder, latest, INT64(0), k) for k in range(VECTORS)]

        # where there are 32 registers the finishes stay in them; where there are 16 they would only be put aside
        kept = finishes() if "avx512f" in features else None

        def wait(link: Value, late: list[Value]) -> list[Value]:
            after, lag = _element(builder, rows, link), _spread(builder, _number(builder, lags, link))
            return [
                _smaller(builder, value, builder.sub(_load(builder, ends, after, k), lag))
                for k, value in enumerate(late)
            ]

        def go_back(moments: Moments, done: Value, carried: list[Value]) -> list[Value]:
            row = builder.sub(builder.sub(end, INT64(1)), done)
            links = [_element(builder, pointers, builder.add(row, INT64(k))) for k in (0, 1)]
            late = _for_each(builder, *links, kept or finishes(), wait)
            length = [_load(builder, lengths, row, k) for k in range(VECTORS)]
            early = [_load(builder, ends, row, k) for k in range(VECTORS)]
            for k in range(VECTORS):
                _store(builder, builder.sub(late[k], length[k]), ends, row, k)
            same = [builder.icmp_signed("==", *both) for both in zip(late, early, strict=True)]
            _add_to(builder, critical, row, _count(builder, same))
            place = builder.mul(row, INT64(3))
            _add_to(builder, sums, place, _total(builder, length))
            both = _sums_of_two(builder, *moments(builder, length, kept or finishes()))
            _add_to(builder, sums, builder.add(place, INT64(1)), both)
            return carried

        def go_back_with(moments: Moments) -> None:
            _for_each(builder, INT64(0), builder.sub(end, first), [], partial(go_back, moments))

        if "avx512ifma" in features:
            small = builder.icmp_signed("<", arguments[5], INT64(IFMA_LIMIT))
            with builder.if_else(small) as (then, otherwise):
                with then:
                    go_back_with(_small_moments)
                with otherwise:
                    go_back_with(_moments)
        else:
            go_back_with(_moments)
        return context.get_dummy_value()

    return signature, generate


def _count(builder: Builder, conditions: list[Value]) -> Value:
    """Return how many elements of some vectors hold (int64)."""
    count = builder.module.declare_intrinsic("llvm.ctpop", [INT16])
    found = [builder.call(count, [builder.bitcast(each, INT16)]) for each in conditions]
    return reduce(builder.add, (builder.zext(each, INT64) for each in found))


def _total(builder: Builder, length: list[Value]) -> Value:
    """Return the sum of the lengths; eight times what is shorter than TIME_LIMIT fits int32."""
    total = builder.add(*_parts(builder, reduce(builder.add, length)))
    return _folded(builder, builder.add(*_halves(builder, total)), builder.add)


def _moments(builder: Builder, length: list[Value], finish: list[Value]) -> tuple[Value, Value]:
    """Return vectors whose elements add up to the squares of the lengths, and to the lengths times the finishes."""
    squares = products = NOTHING
    for both in zip(length, finish, strict=True):
        for long, until in zip(*(_halves(builder, value) for value in both), strict=True):
            squares = builder.add(squares, builder.mul(long, long))
            products = builder.add(products, builder.mul(long, until))
    return squares, products


def _small_moments(builder: Builder, length: list[Value], finish: list[Value]) -> tuple[Value, Value]:
    """Return the same where no product reaches 2**52: the processor multiplies and adds in one step."""
    kind = ir.FunctionType(HALF, [HALF] * 3)
    name = "llvm.x86.avx512.vpmadd52l.uq.512"  # sum, two factors of 52 bits
    step = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
    squares = products = NOTHING
    for both in zip(length, finish, strict=True):
        for long, until in zip(*(_without_sign(builder, value) for value in both), strict=True):
            squares = builder.call(step, [squares, long, long])
            products = builder.call(step, [products, long, until])
    return squares, products


def _add_to(builder: Builder, pointer: Value, place: Value, value: Value) -> None:
    """Add a number or a vector to what lies at a place of an int64 array."""
    at = builder.bitcast(builder.gep(pointer, [place]), value.type.as_pointer())
    before = builder.load(at)
    before.align = 8
    builder.store(builder.add(before, value), at).align = 8


def _plain_forward_rows(ends, lengths, first, end, bases, in_ptr, in_rows, in_lags):  # type: ignore[no-untyped-def]
    for row in range(first, end):
        start = np.full(BLOCK, bases[row], np.int32)
        for link in range(in_ptr[row], in_ptr[row + 1]):
            start = np.maximum(start, ends[in_rows[link]] + in_lags[link])
        ends[row] = start + lengths[row]


def _plain_latest_rows(ends, chosen, n, latest, least):  # type: ignore[no-untyped-def]
    latest[0] = np.maximum(least, ends[chosen[:n]].max(axis=0, initial=least))
    return latest[0].max()


def _plain_backward_rows(  # type: ignore[no-untyped-def]
    ends, lengths, first, end, latest, most, out_ptr, out_rows, out_lags, critical, sums
):
    finish = latest[0].astype(np.int64)
    for row in range(end - 1, first - 1, -1):
        late = latest[0].copy()
        for link in range(out_ptr[row], out_ptr[row + 1]):
            late = np.minimum(late, ends[out_rows[link]] - out_lags[link])
        critical[row] += np.count_nonzero(late == ends[row])
        ends[row] = late - lengths[row]
        length = lengths[row].astype(np.int64)
        sums[row] += (length.sum(), (length * length).sum(), (length * finish).sum())


_plain = bool(numba.config.DISABLE_JIT)

# forward_rows(ends, lengths, first, end, bases, in_ptr, in_rows, in_lags)
#     From row `first` to end - 1: ends[row] = the latest of bases[row] and of ends[before] + lag over the links in,
#     plus lengths[row]
# latest_rows(ends, chosen, n, latest, least)
#     latest[0] = the latest of `least` and of ends[row] over the n rows chosen. Returns the latest of all of them
# backward_rows(ends, lengths, first, end, latest, most, out_ptr, out_rows, out_lags, critical, sums)
#     From row end - 1 down to `first`. Assumes: ends[after] is the late start for all links out; no length is more than
#     `most`, nor is latest[0] but where all lengths are 0. The late end of a row is the earliest of latest[0] and of
#     ends[after] - lag. critical[row] += trials in which it is ends[row]; sums[row] += the sums of the length, of its
#     square and of length times latest[0] (anything where a length is negative); ends[row] = the late start
# ends, lengths : (n, 64) int32. first, end, n, least, most : int64. chosen : (n,) int64. latest : (1, 64) int32.
# bases : (n,) int32. *_ptr : (n + 1,) int64 into *_rows and *_lags, int32. critical : (n,) int64. sums : (n, 3) int64
forward_rows = _plain_forward_rows if _plain else _forward_rows
latest_rows = _plain_latest_rows if _plain else _latest_rows
backward_rows = _plain_backward_rows if _plain else _backward_rows
