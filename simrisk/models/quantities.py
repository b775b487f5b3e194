"""Uncertain quantities: a distribution becomes a table of its quantile function, a stream's name becomes a key.

Lowering: `DrawBuilder` collects the draws of a plan. Behaviour: `Draws` gives the reference engine the values of
one trial, through the same generator and tables as the kernels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simrisk.scenario.model import Distribution
from simrisk.scenario.shapes import library_quantiles
from simrisk_kernels import tables
from simrisk_kernels.layout import DRAW, EXACT, PlanArrays

Floats = NDArray[np.float64]
WORDS = 1 << 32


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
    values = function(left[:, None] + width[:, None] * _NODES)
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


def _pert(likely: float) -> Callable[[Floats], Floats]:
    """Beta-PERT on [0, 1] (Malcolm et al. 1959): Beta(1 + 4m, 5 - 4m)."""
    a, b = 1 + 4 * likely, 5 - 4 * likely
    return lambda z: np.where(
        z < 0, special.betaincinv(a, b, special.ndtr(z)), 1 - special.betaincinv(b, a, special.ndtr(-z))
    )


def _triangular(likely: float) -> Callable[[Floats], Floats]:
    def value(z: Floats) -> Floats:
        below, above = special.ndtr(z), special.ndtr(-z)
        return np.where(below < likely, np.sqrt(below * likely), 1 - np.sqrt(above * (1 - likely)))

    return value


def _gamma(shape: float) -> Callable[[Floats], Floats]:
    return lambda z: np.where(
        z < 0, special.gammaincinv(shape, special.ndtr(z)), special.gammainccinv(shape, special.ndtr(-z))
    )


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


@lru_cache(maxsize=4096)
def _shape_table(shape: Shape) -> Floats:
    left = np.arange(tables.N_CELLS) / tables.CELLS_PER_Z - tables.Z_MAX
    return _fit_cubics(left, np.full_like(left, 1 / tables.CELLS_PER_Z), shape.function())


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

    def correlate(self, streams: Sequence[str]) -> NDArray[np.int64]:
        """Give these quantities one row each of a matrix of loadings; return the draw of each row."""
        rows = np.array([self._streams[stream] for stream in streams], dtype=np.int64)
        self._scores = {int(draw): row for row, draw in enumerate(rows)}
        return rows

    def _add_steps(self, distribution: Distribution) -> int:
        total = sum(distribution.weights)
        reached, words = 0.0, []
        for weight in distribution.weights:
            reached += weight
            words.append(round(reached / total * WORDS))
        words[-1] = WORDS
        self._steps.append((words, distribution.params))
        return EXACT - len(self._steps)

    def finish(
        self,
    ) -> tuple[np.recarray, Floats, NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
        """Return draws, cubics, step_ptr, step_words, step_values and step_scores as in `PlanArrays`."""
        rows = [(*row, self._scores.get(draw, -1)) for draw, row in enumerate(self._rows)]
        records = np.array(rows, dtype=DRAW).view(np.recarray)
        cubics = np.zeros((len(self._tables), tables.N_CELLS, 4))
        for shape, i in self._tables.items():
            cubics[i] = _shape_table(shape)
        step_ptr = np.cumsum([0, *(len(words) for words, _ in self._steps)], dtype=np.int64)
        step_words = np.array([word for words, _ in self._steps for word in words], dtype=np.int64)
        step_values = np.array([value for _, values in self._steps for value in values], dtype=np.float64)
        step_scores = special.ndtri(step_words / WORDS)  # +inf for the last of each
        return records, cubics, step_ptr, step_words, step_values, step_scores


class Draws:
    """The uncertain quantities of one trial."""

    def __init__(self, arrays: PlanArrays, seed: int, trial: int) -> None:
        from simrisk_kernels import bundle, draws  # compiled: whoever only makes a plan need not wait for them

        self._draws = draws
        self._arrays = arrays  # what is packed has to stay
        self._seed = np.uint64(seed)
        self._trial = trial
        self._packed = bundle.pack(arrays)
        self._keys = np.empty(len(arrays.draws), np.uint64)
        with np.errstate(over="ignore"):  # not compiled, it wraps around with a warning
            self._draws.keys_of(self._packed, self._seed, self._keys)

    def word(self, name_hash: int, index: int = 0) -> int:
        """Return the 32-bit word of a stream."""
        with np.errstate(over="ignore"):
            return int(self._draws.word_of(self._seed, np.uint64(name_hash), self._trial, index))

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
