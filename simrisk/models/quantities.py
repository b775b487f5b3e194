"""Uncertain quantities: a distribution becomes a table of its quantile function, a stream's name becomes a key.

Lowering: `DrawBuilder` collects the draws of a plan. Behaviour: `Draws` gives the reference engine the values of
one trial, through the same generator and tables as the kernels.
"""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simrisk import special
from simrisk.scenario.model import Distribution
from simrisk.scenario.shapes import library_quantiles
from simrisk_kernels import tables
from simrisk_kernels.layout import BY_OCTAVE, BY_SCORE, DRAW, EXACT, TRIANGULAR, UNIFORM, PlanArrays

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
WORDS = 1 << 32
N_FITTED = 16  # octaves of each half
OCTAVE_ERROR = 3e-5  # of the spread, or of the value where that is larger
ROUNDING = 1e-7  # of the spread
SPREAD_SCORE = 3.0902  # from 0.1 % to 99.9 %
Z_END = 6.35  # no word has a score beyond it
LEAST_SPREAD = 1e-20
CLOSEST_SPREAD = 1 / 256  # of the location: 16 of 24 bits are left to tell values apart
LARGEST_SINGLE = 2.0**29  # minutes; twice as many are whole numbers of 32 bits


def stream_hash(name: str) -> int:
    """Return the 64-bit hash of a stream's name (BLAKE2b), the same on every machine."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def chance_threshold(chance: float) -> int:
    """Return the number of 32-bit words, out of 2**32, for which an event of this chance happens."""
    return round(chance * WORDS)


_NODES = np.array([0.0, 0.25, 0.75, 1.0])
_TO_CUBIC = np.linalg.inv(np.vander(_NODES, increasing=True))


def _fit_cubics(left: Floats, width: Floats, function: Callable[[Floats], Floats]) -> Floats:
    """Return the cubics (n, 4) through `function` at four places of each cell; straight where one would turn back."""
    nodes = left[:, None] + width[:, None] * _NODES[:-1]
    found = function(np.append(nodes.ravel(), left[-1] + width[-1]))
    values = np.column_stack([found[:-1].reshape(nodes.shape), found[3::3]])  # a cell ends where the next begins
    cubics = values @ _TO_CUBIC.T
    t = np.linspace(0.0, 1.0, 33)
    slopes = cubics[:, 1:2] + 2 * cubics[:, 2:3] * t + 3 * cubics[:, 3:4] * t**2
    turning = (slopes < 0).any(axis=1)
    cubics[turning] = 0.0
    cubics[turning, 0] = values[turning, 0]
    cubics[turning, 1] = values[turning, 3] - values[turning, 0]
    return cubics


@lru_cache(maxsize=1)
def normal_table() -> Floats:
    """Return the table of the standard normal's quantile function, see `simrisk_kernels.quantile`."""
    octave, cell = np.divmod(np.arange(tables.N_OCTAVES * tables.N_OCTAVE_CELLS), tables.N_OCTAVE_CELLS)
    left = 2.0 ** (octave - 33) * (1 + cell / tables.N_OCTAVE_CELLS)
    width = 2.0 ** (octave - 33) / tables.N_OCTAVE_CELLS
    table = _fit_cubics(left, width, special.ndtri)
    return np.ascontiguousarray(table.reshape(tables.N_OCTAVES, tables.N_OCTAVE_CELLS, 4))


def _by_halves(below: Callable[[Floats], Any], above: Callable[[Floats], Any]) -> Callable[[Floats], Floats]:
    """Return the quantile function of z that is `below`, of the probability below, or `above`, of the one above."""

    def value(z: Floats) -> Floats:
        lower, found = z < 0, np.empty_like(z)
        found[lower] = below(special.ndtr(z[lower]))
        found[~lower] = above(special.ndtr(-z[~lower]))
        return found

    return value


def _pert(likely: float) -> Callable[[Floats], Floats]:
    """Beta-PERT on [0, 1] (Malcolm et al. 1959): Beta(1 + 4m, 5 - 4m)."""
    a, b = 1 + 4 * likely, 5 - 4 * likely
    return _by_halves(lambda u: special.betaincinv(a, b, u), lambda rest: 1 - special.betaincinv(b, a, rest))


def _triangular(likely: float) -> Callable[[Floats], Floats]:
    def value(z: Floats) -> Floats:
        below, above = special.ndtr(z), special.ndtr(-z)
        return np.where(below < likely, np.sqrt(below * likely), 1 - np.sqrt(above * (1 - likely)))

    return value


def _gamma(shape: float) -> Callable[[Floats], Floats]:
    return _by_halves(lambda u: special.gammaincinv(shape, u), lambda rest: special.gammainccinv(shape, rest))


_SHAPES: dict[str, Callable[[float], Callable[[Floats], Floats]]] = {
    "pert": _pert,
    "triangular": _triangular,
    "lognormal": lambda sigma: lambda z: np.exp(sigma * z),
    "normal": lambda _: lambda z: z,
    "gamma": _gamma,
    "weibull": lambda shape: lambda z: (-special.log_ndtr(-z)) ** (1 / shape),
    "uniform": lambda _: special.ndtr,
    "exponential": lambda _: lambda z: -special.log_ndtr(-z),
}


def _library(name: str, shapes: tuple[float, ...]) -> Callable[[Floats], Floats]:
    """Return a quantile function of scipy.stats; what its solvers leave of rounding never makes it fall."""
    quantiles = library_quantiles(name, shapes)

    def value(z: Floats) -> Floats:
        return np.maximum.accumulate(quantiles(z.ravel())).reshape(z.shape)

    return value


@dataclass(frozen=True)
class Shape:
    """What a table is made of: a quantile function without location and scale.

    Parameters
    ----------
    kind : str
        Kind of the distribution.
    name : str
        Only for ``scipy``.
    params : tuple of float
        Its shape parameters.
    """

    kind: str
    name: str
    params: tuple[float, ...]

    def function(self) -> Callable[[Floats], Floats]:
        """Return the quantile function of the standard normal score; ask it for ascending scores."""
        return _library(self.name, self.params) if self.kind == "scipy" else _SHAPES[self.kind](*self.params)


@dataclass(frozen=True, eq=False)
class ShapeTables:
    """A shape as the kernels read it.

    Parameters
    ----------
    kind : int
        How a word becomes a value: `simrisk_kernels.layout.BY_SCORE` and its neighbours.
    cells : (N_CELLS, 4) float64
        Cubics in the normal score.
    octaves : (N_TERMS, 32) float32
        What `kind` needs.
    spread : float
        From 0.1 % to 99.9 %.
    ends : tuple of float
        The smallest and the largest value.
    """

    kind: int
    cells: Floats
    octaves: Singles
    spread: float
    ends: tuple[float, float]

    def kind_at(self, location: float, scale: float) -> int:
        """Return the kind of a quantity of this shape: single precision has to hold its values and tell them apart."""
        spread = self.spread * scale
        largest = max(abs(location + scale * end) for end in self.ends)
        fits = max(LEAST_SPREAD, abs(location) * CLOSEST_SPREAD) <= spread and largest < LARGEST_SINGLE
        return self.kind if fits else BY_SCORE


@lru_cache(maxsize=4096)
def shape_tables(shape: Shape) -> ShapeTables:
    """Return the tables of a shape."""
    function = shape.function()
    left = np.arange(tables.N_CELLS) / tables.CELLS_PER_Z - tables.Z_MAX
    cells = _fit_cubics(left, np.full_like(left, 1 / tables.CELLS_PER_Z), function)
    low, lowest, highest, high = _cell_values(np.array([-Z_END, -SPREAD_SCORE, SPREAD_SCORE, Z_END]), cells)
    spread, octaves = float(highest - lowest), np.zeros((tables.N_TERMS, 2 * N_FITTED), np.float32)
    kind = BY_SCORE
    if shape.kind == "uniform":
        kind = UNIFORM
    elif shape.kind == "triangular":
        kind, likely = TRIANGULAR, np.float32(shape.params[0])
        octaves[:4, 0] = likely, 1 - likely, *divmod(_turn(likely), 1 << 16)
    else:
        with np.errstate(over="ignore", invalid="ignore"):  # a shape too wild for single precision does not fit
            fitted = _fit_octaves(cells)
            if _largest_error(fitted, cells, spread) <= OCTAVE_ERROR:
                kind, octaves = BY_OCTAVE, fitted
    return ShapeTables(kind, cells, octaves, spread, (float(low), float(high)))


def _turn(likely: np.float32) -> int:
    """Return the first word of which the uniform is not below `likely`, in the precision of the kernels."""

    def has_turned(word: int) -> bool:
        near = (np.float32(min(word, WORDS - 1 - word)) + np.float32(0.5)) / np.float32(WORDS)
        return bool((near if word < WORDS // 2 else 1 - near) >= likely)

    return bisect.bisect_left(range(WORDS), True, key=has_turned)


def _cell_values(z: Floats, cells: Floats) -> Floats:
    """Return the values of a shape at normal scores, as the kernels have them."""
    place = (z + tables.Z_MAX) * tables.CELLS_PER_Z
    cell = place.astype(np.int64)
    t, terms = place - cell, cells[cell]
    values: Floats = ((terms[..., 3] * t + terms[..., 2]) * t + terms[..., 1]) * t + terms[..., 0]
    return values


def _octave_values(mantissas: Floats, cells: Floats) -> Floats:
    """Return the values at these mantissas, 1 to 2, of all octaves and halves: (32, n), in the order of the table."""
    octave = np.arange(tables.FIRST_OCTAVE, tables.FIRST_OCTAVE + N_FITTED)
    u = (2.0 ** octave[:, None] * mantissas + 0.5) / WORDS
    z = special.ndtri(np.minimum(u, 0.5))  # in the last octave are words that are rounded up to the middle
    return _cell_values(_placed(np.concatenate([z, -z])), cells)


def _placed(rows: NDArray[Any]) -> NDArray[Any]:
    """Return rows for the octaves of the lower and then of the upper half in the order of the table.

    The place of an octave is its exponent, as a float has it, modulo 32; in the upper half it is 16 places away.
    """
    return np.roll(rows, (tables.FIRST_OCTAVE + 127) % (2 * N_FITTED), axis=0)


def _fit_octaves(cells: Floats) -> Singles:
    """Return the polynomials (N_TERMS, 32) through the values at the Chebyshev points of each octave, ends included."""
    nodes = 1.5 - np.cos(np.pi * np.arange(tables.N_TERMS) / (tables.N_TERMS - 1)) / 2
    to_terms = np.linalg.inv(np.vander(nodes - float(tables.MIDDLE), increasing=True))
    return np.ascontiguousarray((_octave_values(nodes, cells) @ to_terms.T).T, dtype=np.float32)


def _largest_error(octaves: Singles, cells: Floats, spread: float) -> float:
    """Return the largest error of polynomials, as a share of `spread` or of the value if larger.

    It is inf if they ever fall by more than rounding.
    """
    between = np.linspace(1, 2, 33)
    exact, values = _octave_values(between, cells), _polynomials(octaves, between)
    rise = np.diff(values, axis=1) * _placed(np.repeat([1, -1], N_FITTED))[:, None]
    error = float((np.abs(values - exact) / np.maximum(spread, np.abs(exact))).max())
    return error if (rise >= -ROUNDING * spread).all() else np.inf


def _polynomials(octaves: Singles, mantissas: Floats) -> Singles:
    """Return the values (32, n) of polynomials at mantissas, in the precision of the kernels."""
    t = mantissas.astype(np.float32) - tables.MIDDLE
    values: Singles = octaves[-1][:, None] * np.ones_like(t)
    for term in octaves[-2::-1]:
        values = values * t + term[:, None]
    return values


def _standardise(distribution: Distribution) -> tuple[Shape, float, float]:
    """Return (shape, location, scale) such that the value is location + scale * quantile function."""
    p, kind = distribution.params, distribution.kind
    match kind:
        case "pert" | "triangular":
            return Shape(kind, "", ((p[1] - p[0]) / (p[2] - p[0]),)), p[0], p[2] - p[0]
        case "lognormal":
            return Shape(kind, "", (p[1],)), 0.0, p[0]
        case "gamma" | "weibull":
            return Shape(kind, "", (p[0],)), 0.0, p[1]
        case "uniform":
            return Shape(kind, "", (0.0,)), p[0], p[1] - p[0]
        case "normal":
            return Shape(kind, "", (0.0,)), p[0], p[1]
        case "exponential":
            return Shape(kind, "", (0.0,)), 0.0, p[0]
        case "scipy":
            return Shape(kind, distribution.name, p[2:]), p[0], p[1]
    raise AssertionError(kind)


class DrawBuilder:
    """Collect the uncertain quantities of a plan; equal shapes share a table."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, float, float, float]] = []
        self._tables: dict[Shape, int] = {}
        self._steps: list[tuple[list[int], tuple[float, ...]]] = []
        self._streams: dict[str, int] = {}
        self._scores: dict[int, int] = {}

    def add(self, stream: str, distribution: Distribution) -> int:
        """Return the index of the draw of this quantity; `stream` names it and must be used once."""
        if stream in self._streams:
            raise AssertionError(f"stream {stream!r} is used twice")
        self._streams[stream] = len(self._rows)
        table, location, scale = EXACT, distribution.params[0], 0.0
        if distribution.kind == "values":
            table, location, scale = self._add_steps(distribution), 0.0, 1.0
        elif distribution.kind != "exactly":
            shape, location, scale = _standardise(distribution)
            table = self._tables.setdefault(shape, len(self._tables))
        self._rows.append((stream_hash(stream), table, location, scale, distribution.planned))
        return len(self._rows) - 1

    def number_of(self, stream: str) -> int:
        """Return the index of the draw of a quantity that was added."""
        return self._streams[stream]

    def correlate(self, draws: Iterable[int]) -> None:
        """Draw these by scores, numbered in this order."""
        self._scores = {draw: row for row, draw in enumerate(draws)}

    def _add_steps(self, distribution: Distribution) -> int:
        total = sum(distribution.weights)
        reached, words = 0.0, []
        for weight in distribution.weights:
            reached += weight
            words.append(round(reached / total * WORDS))
        words[-1] = WORDS
        self._steps.append((words, distribution.params))
        return EXACT - len(self._steps)

    def finish(self) -> dict[str, Any]:
        """Return the arrays of `PlanArrays` that hold what was added, by name."""
        fitted = [shape_tables(shape) for shape in self._tables]
        steps = [words for words, _ in self._steps]
        step_words = np.array([word for words in steps for word in words], dtype=np.int64)
        return {
            "draws": self._records(fitted),
            "tables": np.array([shape.cells for shape in fitted]).reshape(-1, tables.N_CELLS, 4),
            "octaves": np.array([shape.octaves for shape in fitted], dtype=np.float32).reshape(
                -1, tables.N_TERMS, 2 * N_FITTED
            ),
            "step_ptr": np.cumsum([0, *map(len, steps)], dtype=np.int64),
            "step_words": step_words,
            "step_values": np.array([value for _, values in self._steps for value in values], dtype=np.float64),
            "step_scores": special.ndtri(step_words / WORDS),  # +inf for the last of each
        }

    def _records(self, fitted: list[ShapeTables]) -> np.recarray:
        """Return the `DRAW` records; `fitted` are the tables by number."""
        rows = []
        for draw, (key, table, location, scale, planned) in enumerate(self._rows):
            kind = fitted[table].kind_at(location, scale) if table >= 0 else BY_SCORE
            rows.append((key, table, kind, location, scale, planned, self._scores.get(draw, -1)))
        return np.array(rows, dtype=DRAW).view(np.recarray)


class Drawing(NamedTuple):
    """The kernels that draw, as `simrisk_kernels.draws` has them, and what makes arguments for them of arrays."""

    word_of: Callable[..., int]
    keys_of: Callable[..., object]
    stream_value_of: Callable[..., float]
    value_of: Callable[..., float]
    minutes_of: Callable[..., int]
    pack: Callable[[Any], Any]


@cache
def compiled_drawing() -> Drawing:
    """Return them as numba has them; whoever only makes a plan need not wait for numba."""
    from simrisk_kernels import bundle, draws

    return Drawing(draws.word_of, draws.keys_of, draws.stream_value_of, draws.value_of, draws.minutes_of, bundle.pack)


class Draws:
    """The uncertain quantities of one trial.

    Parameters
    ----------
    arrays : PlanArrays
    seed, trial : int
    drawing : Drawing, optional
        Default: `compiled_drawing`.
    """

    def __init__(self, arrays: PlanArrays, seed: int, trial: int, drawing: Drawing | None = None) -> None:
        self._draws = drawing or compiled_drawing()
        self._arrays = arrays  # what is packed has to stay
        self._seed = np.uint64(seed)
        self._trial = trial
        self._strata = arrays.project[0].strata
        self._packed = self._draws.pack(arrays)
        self._keys = np.empty(len(arrays.draws), np.uint64)
        with np.errstate(over="ignore"):  # not compiled, it wraps around with a warning
            self._draws.keys_of(self._packed, self._seed, self._keys)

    def word(self, name_hash: int, index: int = 0) -> int:
        """Return the 32-bit word of a stream."""
        with np.errstate(over="ignore"):
            return int(self._draws.word_of(self._seed, np.uint64(name_hash), self._trial, index, self._strata))

    def value(self, draw: int, index: int = 0) -> float:
        """Return the value of quantity number `draw`, with its correlations."""
        with np.errstate(over="ignore"):
            return float(self._draws.stream_value_of(self._packed, self._keys, self._trial, draw, index))

    def value_at(self, draw: int, name_hash: int, index: int = 0) -> float:
        """Return what quantity number `draw` would be in another stream."""
        return float(self._draws.value_of(self._packed, draw, self.word(name_hash, index)))

    def minutes_at(self, draw: int, name_hash: int, index: int = 0) -> int:
        """Return what quantity number `draw` would be in another stream, in whole minutes."""
        return int(self._draws.minutes_of(self.value_at(draw, name_hash, index)))

    def whole_minutes(self, value: float) -> int:
        """Return a value in whole minutes, rounded half up, never below 0."""
        return int(self._draws.minutes_of(value))

    def minutes(self, draw: int, index: int = 0, factor: float = 1.0) -> int:
        """Return `factor` times the quantity, in whole minutes."""
        return int(self._draws.minutes_of(self.value(draw, index) * factor))
