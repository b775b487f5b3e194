"""Rows of 64 trials in explicit vectors: what the network's passes do with one activity in all trials of a block.

Numba hands a loop over a row to LLVM's vectoriser, which gives up where several rows could overlap. These functions
say `<16 x i32>` themselves (`numba.extending.intrinsic`); LLVM makes of it what the machine has, AVX-512, AVX2, SSE2 or
NEON. They add, subtract and compare integers, so the numbers are the same on all of them. Without compilation the NumPy
functions at the end stand in their place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from simrisk_kernels.bundle import address_of
from simrisk_kernels.network_layout import BLOCK

LANES = 16  # of a vector
VECTORS = BLOCK // LANES

Builder = Any  # ir.IRBuilder
Value = Any  # ir.Value

INT16, INT32, INT64 = ir.IntType(16), ir.IntType(32), ir.IntType(64)
ROW = ir.VectorType(INT32, LANES)
HALF = ir.VectorType(INT64, LANES // 2)


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
    pairs, width = builder.bitcast(value, HALF), ir.Constant(HALF, [32] * (LANES // 2))
    return [builder.ashr(builder.shl(pairs, width), width), builder.ashr(pairs, width)]


def _total(builder: Builder, value: Value) -> Value:
    """Return the sum of the elements of a vector of int64."""
    width = LANES // 2
    while width > 1:
        width //= 2
        nothing = ir.Constant(value.type, ir.Undefined)
        parts = [
            builder.shuffle_vector(
                value, nothing, ir.Constant(ir.VectorType(INT32, width), list(range(first, first + width)))
            )
            for first in (0, width)
        ]
        value = builder.add(*parts)
    return builder.extract_element(value, INT32(0))


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
def _forward_row(typing_context, ends, lengths, row, bases, in_ptr, in_rows, in_lags):  # type: ignore[no-untyped-def]
    signature = types.void(ends, lengths, types.int64, bases, in_ptr, in_rows, in_lags)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ends, lengths, bases, pointers, rows, lags = (
            address_of(context, builder, signature.args[k], arguments[k]) for k in (0, 1, 3, 4, 5, 6)
        )
        row = arguments[2]
        first = _element(builder, pointers, row)
        end = _element(builder, pointers, builder.add(row, INT64(1)))
        base = _spread(builder, _number(builder, bases, row))

        def wait(link: Value, starts: list[Value]) -> list[Value]:
            before, lag = _element(builder, rows, link), _spread(builder, _number(builder, lags, link))
            return [
                _larger(builder, start, builder.add(_load(builder, ends, before, k), lag))
                for k, start in enumerate(starts)
            ]

        for k, start in enumerate(_for_each(builder, first, end, [base] * VECTORS, wait)):
            _store(builder, builder.add(start, _load(builder, lengths, row, k)), ends, row, k)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _latest_row(typing_context, ends, chosen, latest, row):  # type: ignore[no-untyped-def]
    signature = types.void(ends, chosen, latest, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ends, latest = (address_of(context, builder, signature.args[k], arguments[k]) for k in (0, 2))
        at = _element(builder, address_of(context, builder, signature.args[1], arguments[1]), arguments[3])
        for k in range(VECTORS):
            later = _larger(builder, _load(builder, latest, INT64(0), k), _load(builder, ends, at, k))
            _store(builder, later, latest, INT64(0), k)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def _backward_row(  # type: ignore[no-untyped-def]
    typing_context, ends, lengths, row, latest, counted, out_ptr, out_rows, out_lags, critical, sums
):
    signature = types.void(ends, lengths, types.int64, latest, counted, out_ptr, out_rows, out_lags, critical, sums)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        ends, lengths, latest, counted, pointers, rows, lags, critical, sums = (
            address_of(context, builder, signature.args[k], arguments[k]) for k in (0, 1, 3, 4, 5, 6, 7, 8, 9)
        )
        row, only = arguments[2], INT64(0)
        first = _element(builder, pointers, row)
        end = _element(builder, pointers, builder.add(row, INT64(1)))

        def wait(link: Value, late: list[Value]) -> list[Value]:
            after, lag = _element(builder, rows, link), _spread(builder, _number(builder, lags, link))
            return [
                _smaller(builder, value, builder.sub(_load(builder, ends, after, k), lag))
                for k, value in enumerate(late)
            ]

        finish = [_load(builder, latest, only, k) for k in range(VECTORS)]
        late = _for_each(builder, first, end, list(finish), wait)
        count = builder.module.declare_intrinsic("llvm.ctpop", [INT16])
        n_critical, total = INT64(0), _same(0)
        squares = products = ir.Constant(HALF, [0] * (LANES // 2))
        for k in range(VECTORS):
            length = _load(builder, lengths, row, k)
            same = builder.icmp_signed("==", late[k], _load(builder, ends, row, k))
            bits = builder.call(count, [builder.bitcast(same, INT16)])
            n_critical = builder.add(n_critical, builder.zext(bits, INT64))
            _store(builder, builder.sub(late[k], length), ends, row, k)
            length = builder.and_(length, _load(builder, counted, only, k))
            total = builder.add(total, length)
            pairs = zip(_halves(builder, length), _halves(builder, finish[k]), strict=True)
            for long, until in pairs:
                squares = builder.add(squares, builder.mul(long, long))
                products = builder.add(products, builder.mul(long, until))

        def add_to(pointer: Value, place: Value, value: Value) -> None:
            at = builder.gep(pointer, [place])
            builder.store(builder.add(builder.load(at), value), at)

        add_to(critical, row, n_critical)
        place = builder.mul(row, INT64(3))
        for i, value in enumerate((builder.add(*_halves(builder, total)), squares, products)):
            add_to(sums, builder.add(place, INT64(i)), _total(builder, value))
        return context.get_dummy_value()

    return signature, generate


def _plain_forward_row(ends, lengths, row, bases, in_ptr, in_rows, in_lags):  # type: ignore[no-untyped-def]
    start = np.full(BLOCK, bases[row], np.int32)
    for link in range(in_ptr[row], in_ptr[row + 1]):
        start = np.maximum(start, ends[in_rows[link]] + in_lags[link])
    ends[row] = start + lengths[row]


def _plain_latest_row(ends, chosen, latest, place):  # type: ignore[no-untyped-def]
    np.maximum(latest[0], ends[chosen[place]], out=latest[0])


def _plain_backward_row(  # type: ignore[no-untyped-def]
    ends, lengths, row, latest, counted, out_ptr, out_rows, out_lags, critical, sums
):
    late = latest[0].copy()
    for link in range(out_ptr[row], out_ptr[row + 1]):
        late = np.minimum(late, ends[out_rows[link]] - out_lags[link])
    critical[row] += np.count_nonzero(late == ends[row])
    ends[row] = late - lengths[row]
    length, finish = (lengths[row] & counted[0]).astype(np.int64), latest[0].astype(np.int64)
    sums[row] += (length.sum(), (length * length).sum(), (length * finish).sum())


_plain = bool(numba.config.DISABLE_JIT)

# forward_row(ends, lengths, row, bases, in_ptr, in_rows, in_lags)
#     ends[row] = the latest of bases[row] and of ends[before] + lag over the links in, plus lengths[row]
# latest_row(ends, chosen, latest, place)
#     latest[0] = the later of it and of ends[chosen[place]]
# backward_row(ends, lengths, row, latest, counted, out_ptr, out_rows, out_lags, critical, sums)
#     Assumes: ends[after] is the late start for all links out. The late end is the earliest of latest[0] and of
#     ends[after] - lag. critical[row] += trials in which it is ends[row]; sums[row] += the sums of the length, of its
#     square and of length times latest[0] over the trials counted (counted[0]: -1, else 0); ends[row] = the late start
# ends, lengths : (n, 64) int32. row, place : int64. latest, counted : (1, 64) int32. bases : (n,) int32.
# *_ptr : (n + 1,) int64 into *_rows and *_lags, int32. critical : (n,) int64. sums : (n, 3) int64
forward_row = _plain_forward_row if _plain else _forward_row
latest_row = _plain_latest_row if _plain else _latest_row
backward_row = _plain_backward_row if _plain else _backward_row
