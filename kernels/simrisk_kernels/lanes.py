"""Sixteen words to sixteen values at once, in explicit vectors: the same bits as `quantile.py` gives one by one.

Numba writes no look-ups in registers, so this emits LLVM instructions itself. Vectors of 16 are generic: LLVM cuts
them into what the machine has. Only the look-up is special: AVX-512 permutes two registers of 16, AVX2 four of 8;
elsewhere nothing is looked up and `octave_lanes` says that all is left to do one by one. (And AVX-512 makes whole
numbers of what may be negative in one step less.) No instruction may be
contracted, approximated or reordered: every operation is rounded as in scalar code. Without compilation,
`blocks.py` does everything one by one.
"""

from __future__ import annotations

from functools import partial, reduce
from typing import Any

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from simrisk_kernels.bundle import TableType, address_of
from simrisk_kernels.tables import MIDDLE, N_TERMS, TAIL

LANES = 16
ROUNDS = 4  # of 16 lanes: a block of 64
COMPILED = not numba.config.DISABLE_JIT
CURRENT_DIRECTION = 4  # of rounding: the one that the processor is set to
DOWN_AND_QUIET = 1 | 8  # rounding down, no exceptions

I32, I64, F32, F64 = ir.IntType(32), ir.IntType(64), ir.FloatType(), ir.DoubleType()
WORDS, SINGLES = ir.VectorType(I32, LANES), ir.VectorType(F32, LANES)
HALF_WORDS, HALF_SINGLES, DOUBLES = ir.VectorType(I32, 8), ir.VectorType(F32, 8), ir.VectorType(F64, 8)


def _all(kind: ir.VectorType, value: float) -> ir.Constant:
    """Return a vector of equal constants."""
    return ir.Constant(kind, [ir.Constant(kind.element, value)] * kind.count)


def _spread(builder: Any, scalar: Any) -> Any:
    """Return a vector with `scalar` in every lane."""
    kind = ir.VectorType(scalar.type, LANES)
    empty = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(empty, scalar, ir.Constant(I32, 0))
    return builder.shuffle_vector(first, empty, _all(WORDS, 0))


def _half(builder: Any, vector: Any, which: int) -> Any:
    """Return the lower (0) or upper (1) 8 lanes."""
    lanes = ir.Constant(HALF_WORDS, list(range(8 * which, 8 * which + 8)))
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), lanes)


def _join(builder: Any, lower: Any, upper: Any) -> Any:
    return builder.shuffle_vector(lower, upper, ir.Constant(WORDS, list(range(LANES))))


def _call(builder: Any, name: str, result: Any, arguments: list[Any]) -> Any:
    """Call one of LLVM's own functions."""
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(builder.module.globals.get(name) or ir.Function(builder.module, kind, name), arguments)


def _load(builder: Any, address: Any, offset: Any, kind: ir.VectorType) -> Any:
    loaded = builder.load(builder.bitcast(builder.gep(address, [offset]), kind.as_pointer()))
    loaded.align = 4
    return loaded


class Block:
    """What the three ways have in common: 64 words in, 64 numbers out.

    Parameters
    ----------
    signature : (words, ..., location, scale, out, row), the types of the intrinsic's arguments
        `words` is one row, or a table with a row for each of `out`; it may be `out` itself. Location and scale are
        float64; or float32 where all values are known to be above -1.5, so that they can be rounded in one step less.
    """

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        self.builder = builder
        self._features = features_of(context)
        self._data = [
            address_of(context, builder, kind, value) if isinstance(kind, (types.Array, TableType)) else value
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        self._rounded = signature.args[-2].dtype == types.int32
        self._start = builder.mul(self._data[-1], ir.Constant(I64, LANES * ROUNDS))
        self._words = self._start if signature.args[0].ndim > 1 else ir.Constant(I64, 0)

    def argument(self, number: int) -> Any:
        """Return an argument; of an array, the address of its data."""
        return self._data[number]

    def spread(self, number: int) -> Any:
        """Return a number in single precision in every lane."""
        value = self._data[number]
        single = self.builder.fptrunc(value, F32) if value.type == F64 else value
        return _spread(self.builder, single)

    def words(self) -> list[Any]:
        """Return the words, 16 a part."""
        offsets = (self.builder.add(self._words, I64(LANES * part)) for part in range(ROUNDS))
        return [_load(self.builder, self._data[0], offset, WORDS) for offset in offsets]

    def store(self, values: list[Any]) -> None:
        """Store location + scale * value of all parts, rounded half up to minutes if the row is one of integers."""
        builder, location, scale = self.builder, self.spread(-4), self.spread(-3)
        above = self._data[-4].type == F32 and "avx512f" in self._features
        if self._rounded and not above:  # doubling is exact: the whole half minutes tell how to round
            location, scale = builder.fadd(location, location), builder.fadd(scale, scale)
        values = [builder.fmul(scale, value) for value in values]
        values = [builder.fadd(location, value) for value in values]
        for part, value in enumerate(values):
            if self._rounded:
                self._put(self._rounded_down(value) if above else self._halved(value), LANES * part)
                continue
            for half in range(2):
                self._put(builder.fpext(_half(builder, value, half), DOUBLES), LANES * part + 8 * half)

    def _rounded_down(self, value: Any) -> Any:
        """Return what is whole of `value` + 1/2, never below 0; rounded down, the sum has the same whole part."""
        half = _all(SINGLES, 0.5)
        more = _call(self.builder, "llvm.x86.avx512.add.ps.512", SINGLES, [value, half, I32(DOWN_AND_QUIET)])
        return self._cut(more)

    def _halved(self, doubled: Any) -> Any:
        """Return half of what is whole of `doubled`, rounded up, never below 0."""
        builder, one = self.builder, _all(WORDS, 1)
        if "avx512f" in self._features:  # makes what is below 0 the largest number, which with one more is 0
            return builder.lshr(builder.add(self._cut(doubled), one), one)
        rounded, zero = builder.ashr(builder.add(builder.fptosi(doubled, WORDS), one), one), _all(WORDS, 0)
        return builder.select(builder.icmp_signed(">", rounded, zero), rounded, zero)

    def _cut(self, values: Any) -> Any:
        """Return what is whole of the values: 0 above -1, the largest number below."""
        masked = [ir.Constant(WORDS, ir.Undefined), ir.IntType(LANES)(-1), I32(CURRENT_DIRECTION)]
        return _call(self.builder, "llvm.x86.avx512.mask.cvttps2udq.512", WORDS, [values, *masked])

    def _put(self, vector: Any, offset: int) -> None:
        builder = self.builder
        place = builder.gep(self._data[-2], [builder.add(self._start, ir.Constant(I64, offset))])
        builder.store(vector, builder.bitcast(place, vector.type.as_pointer())).align = 4


def _folded(builder: Any, words: Any) -> tuple[Any, Any]:
    """Return (distance to the nearer end, all ones in the upper half and else 0)."""
    upper = builder.ashr(words, _all(WORDS, 31))
    return builder.xor(words, upper), upper


@intrinsic
def uniform_lanes(typing_context: Any, words: Any, location: Any, scale: Any, out: Any, row: Any) -> Any:
    """Fill row number `row` of `out` with location + scale * distance from the word in the middle."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        block = Block(context, builder, signature, arguments)
        signed = [builder.xor(each, _all(WORDS, 0x80000000)) for each in block.words()]
        block.store([builder.sitofp(each, SINGLES) for each in signed])
        return context.get_dummy_value()

    return types.void(words, location, scale, out, row), generate


@intrinsic
def triangular_lanes(
    typing_context: Any, words: Any, turn: Any, likely: Any, rest: Any, location: Any, scale: Any, out: Any, row: Any
) -> Any:
    """Fill row number `row` of `out` with location + scale * `quantile.triangular_value`.

    Where the scalar code compares u with c, here words are compared with the first that is not below c (`turn`); and u
    is 2**32 times as large, `likely` and `rest` are c and 1 - c over 2**32: the same bits, in half the steps.

    Parameters
    ----------
    turn : int64
    likely, rest : float32
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        block = Block(context, builder, signature, arguments)
        turn = _spread(builder, builder.trunc(block.argument(1), I32))
        likely, rest = block.spread(2), block.spread(3)
        values = []
        for word in block.words():
            distance, upper = _folded(builder, word)
            near = builder.fadd(builder.sitofp(distance, SINGLES), _all(SINGLES, 0.5))
            far = builder.fsub(_all(SINGLES, 2.0**32), near)
            rising = builder.icmp_unsigned("<", word, turn)
            nearer = builder.xor(rising, builder.icmp_signed("<", upper, _all(WORDS, 0)))
            square = builder.fmul(builder.select(nearer, near, far), builder.select(rising, likely, rest))
            root = _call(builder, "llvm.sqrt.v16f32", SINGLES, [square])
            values.append(builder.select(rising, root, builder.fsub(_all(SINGLES, 1.0), root)))
        block.store(values)
        return context.get_dummy_value()

    return types.void(words, turn, likely, rest, location, scale, out, row), generate


@intrinsic
def octave_lanes(
    typing_context: Any, words: Any, octaves: Any, table: Any, location: Any, scale: Any, out: Any, row: Any
) -> Any:
    """Fill row number `row` of `out` with location + scale * `quantile.octave_value`.

    Returns
    -------
    int64
        Words nearer to an end than this are left to the caller; 0: none.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        look_up = _look_up_of(features_of(context))
        if look_up is None:
            return ir.Constant(I64, 1 << 31)
        block = Block(context, builder, signature, arguments)
        start = builder.mul(block.argument(2), ir.Constant(I64, N_TERMS * 32))
        offsets = [builder.add(start, ir.Constant(I64, 32 * term)) for term in range(N_TERMS)]
        terms = [look_up(builder, block.argument(1), offset) for offset in offsets]
        folded = [_folded(builder, each) for each in block.words()]
        placed = [_placed(builder, *each) for each in folded]
        values = [terms[-1](cell) for cell, _ in placed]
        for term in terms[-2::-1]:  # side by side: one chain of operations would wait for each result
            values = [builder.fmul(value, t) for value, (_, t) in zip(values, placed, strict=True)]
            values = [builder.fadd(value, term(cell)) for value, (cell, _) in zip(values, placed, strict=True)]
        block.store(values)
        nearest = reduce(partial(_least, builder), (distance for distance, _ in folded))
        in_tail = builder.icmp_signed("<", nearest, _all(WORDS, TAIL))
        any_in_tail = builder.icmp_unsigned("!=", builder.bitcast(in_tail, ir.IntType(LANES)), ir.IntType(LANES)(0))
        return builder.select(any_in_tail, ir.Constant(I64, TAIL), ir.Constant(I64, 0))

    return types.int64(words, octaves, table, location, scale, out, row), generate


def _placed(builder: Any, distance: Any, upper: Any) -> tuple[Any, Any]:
    """Return (place in the table, mantissa less `MIDDLE`)."""
    bits = builder.bitcast(builder.sitofp(distance, SINGLES), WORDS)
    turned = builder.xor(bits, builder.and_(upper, _all(WORDS, 16 << 23)))
    cell = builder.lshr(turned, _all(WORDS, 23))  # of more than five bits no look-up takes notice
    mantissa = builder.or_(builder.and_(bits, _all(WORDS, 0x7FFFFF)), _all(WORDS, 0x3F800000))
    return cell, builder.fsub(builder.bitcast(mantissa, SINGLES), _all(SINGLES, float(MIDDLE)))


def _least(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.icmp_signed("<", one, other), one, other)


def features_of(context: Any) -> set[str]:
    """Return what the machine has beyond what all of its kind have, as LLVM calls it."""
    return {each[1:] for each in context.codegen().magic_tuple()[2].split(",") if each.startswith("+")}


def _look_up_of(features: set[str]) -> Any:
    """Return what looks up terms in registers on a machine with these features; None: it has no such instruction."""
    if "avx512f" in features:
        return _of_two_registers
    return _of_four_registers if "avx2" in features else None


def _of_two_registers(builder: Any, address: Any, offset: Any) -> Any:
    low, high = (_load(builder, address, builder.add(offset, I64(16 * half)), SINGLES) for half in range(2))
    return lambda cell: _call(builder, "llvm.x86.avx512.vpermi2var.ps.512", SINGLES, [low, cell, high])


def _of_four_registers(builder: Any, address: Any, offset: Any) -> Any:
    quarters = [_load(builder, address, builder.add(offset, I64(8 * i)), HALF_SINGLES) for i in range(4)]

    def chosen(cell: Any) -> Any:
        one, two, three, four = (_call(builder, "llvm.x86.avx2.permps", HALF_SINGLES, [q, cell]) for q in quarters)
        second = builder.icmp_signed("!=", builder.and_(cell, _all(HALF_WORDS, 8)), _all(HALF_WORDS, 0))
        upper = builder.icmp_signed("!=", builder.and_(cell, _all(HALF_WORDS, 16)), _all(HALF_WORDS, 0))
        return builder.select(upper, builder.select(second, four, three), builder.select(second, two, one))

    return lambda cell: _join(builder, *(chosen(_half(builder, cell, half)) for half in range(2)))
