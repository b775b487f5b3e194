"""Uncertain quantities: from a table of the file to a distribution in working minutes or plain factors."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from simrisk.errors import ScenarioError
from simrisk.scenario.faults import did_you_mean
from simrisk.scenario.model import Distribution, DistributionKind
from simrisk.scenario.samples import read_samples
from simrisk.scenario.shapes import (
    ends_at,
    gamma,
    library_names,
    library_quantiles,
    library_shapes,
    lognormal,
    one_of,
    weibull,
)
from simrisk.scenario.units import Units, exact, fault, is_number, shown

P90 = 1.2815515655446004  # the standard normal's 90th percentile
P2_5 = -1.9599639845400545  # and its 2.5th
LARGEST_Z = 6.5  # draws have 32 bits: no standard normal of them is further out

_NAMES = ("exponential", "gamma", "lognormal", "normal", "pert", "triangular", "uniform", "weibull")
_KEYS = (
    *("low", "likely", "high", "at", "distribution", "median", "p90", "sigma", "mean", "sd"),
    *("from", "to", "values", "weights", "exactly"),
)
_FORMS = (
    "Write { low, likely, high }, { median, p90 }, { median, sigma }, { mean, sd, distribution }, { from, to }, "
    "{ values, weights }, { samples }, { exactly } or a distribution of scipy.stats with its arguments"
)

# names that scipy.stats has too, and which keys say that its parameters are meant
_SHARED_NAMES = {"gamma": frozenset({"a", "loc", "scale"}), "uniform": frozenset({"loc", "scale"})}

# what a distribution may be called when its parameters are these
_FORM_NAMES: dict[frozenset[str], tuple[str, ...]] = {
    frozenset({"exactly"}): (),
    frozenset({"low", "likely", "high"}): ("pert", "triangular"),
    frozenset({"median", "p90"}): ("lognormal",),
    frozenset({"median", "sigma"}): ("lognormal",),
    frozenset({"mean", "sd"}): ("lognormal", "normal", "gamma", "weibull"),
    frozenset({"mean"}): ("exponential",),
    frozenset({"from", "to"}): ("uniform",),
    frozenset({"values", "weights"}): (),
}


@dataclass(frozen=True)
class Measure:
    """What a quantity counts: how its numbers are read and shown.

    Parameters
    ----------
    read : callable
        A value of the file -> an exact number, in minutes or as a plain factor; not negative unless `signed`.
    units : tuple of str
        The units of its values; empty: plain numbers.
    folder : str
        Where files of samples are looked for.
    signed : bool
        Whether it can be negative.
    """

    read: Callable[[object], Fraction]
    units: tuple[str, ...] = ()
    folder: str = ""
    signed: bool = False


def factor(value: object) -> Fraction:
    """Read a plain factor: a number, not negative."""
    number = exact(value)
    if number < 0:
        raise fault("impossible-distribution", f"This cannot be negative; got {shown(value)}.")
    return number


_DURATION_UNITS = ("m", "h", "d", "w")


def factors(units: Units) -> Measure:
    """Plain factors."""
    return Measure(factor, (), units.folder)


def durations(units: Units) -> Measure:
    """Durations in working minutes."""
    return Measure(units.duration, _DURATION_UNITS, units.folder)


def lags(units: Units) -> Measure:
    """Durations that may be negative."""
    return Measure(lambda value: _signed(value, units.duration), _DURATION_UNITS, units.folder, signed=True)


def efforts(units: Units) -> Measure:
    """Efforts in minutes of one person's full-time work."""
    return Measure(units.effort, (*_DURATION_UNITS, "mo"), units.folder)


def _signed(value: object, read: Callable[[object], Fraction]) -> Fraction:
    """Read a number that may be negative by way of its absolute value."""
    if isinstance(value, str) and value.strip().startswith("-"):
        return -read(value.strip()[1:])
    if is_number(value) and (number := exact(value)) < 0:
        return -read(-number)
    return read(value)


def exactly(value: Fraction | float) -> Distribution:
    """Return the quantity that is always `value`."""
    return Distribution("exactly", (float(value),), float(value))


def read_distribution(table: dict[str, object], measure: Measure) -> Distribution:
    """Turn a table such as ``{ low = "8h", likely = "10h", high = "20h" }`` into a distribution.

    Raises
    ------
    ScenarioError
        Issues without a place; `where` is the key inside the table: unknown-key, missing-key, wrong-type,
        three-point-order, impossible-distribution, bare-number, unknown-unit, bad-samples.
    """
    if "prior" in table:
        found = "No prior can stand here; they stand for spread, common, absence, pto_days and onboarding."
        raise fault("unknown-prior", found, "prior")
    if "samples" in table:
        return read_samples(table, measure)
    name = _name(table)
    if name is not None and (name not in _NAMES or not _SHARED_NAMES.get(name, frozenset()).isdisjoint(table)):
        return _of_library(table, name, measure)
    _check_keys(table)
    given = frozenset(table) - {"distribution", "at"}
    if given == {"values"}:
        given |= {"weights"}
    if given not in _FORM_NAMES:
        raise _incomplete(given)
    allowed = _FORM_NAMES[given]
    if name is None and given in ({"mean", "sd"}, {"mean"}):
        raise fault("missing-key", f"Say which distribution has this mean: distribution = {_listed(allowed)}.")
    if name is not None and name not in allowed:
        fitting = f"only distribution = {_listed(allowed)} fits" if allowed else "no distribution name fits"
        raise fault(
            "impossible-distribution", f"With {', '.join(sorted(given))} {fitting}; got '{name}'.", "distribution"
        )
    if "at" in table and given != {"low", "likely", "high"}:
        raise fault("unknown-key", "'at' says what low and high are; it goes with low, likely and high only.", "at")
    if given == {"values", "weights"}:
        return _values(table, measure)
    numbers = _numbers(table, given, measure)
    if given == {"exactly"}:
        return exactly(numbers["exactly"])
    if given == {"low", "likely", "high"}:
        return _three_point(table, numbers, name or "pert", measure)
    if given == {"from", "to"}:
        return _uniform(table, numbers)
    return _two_moments(table, {key: float(number) for key, number in numbers.items()}, name or "lognormal")


def scaled(distribution: Distribution, value: Fraction) -> Distribution:
    """Multiply every outcome of `distribution` by `value` >= 0."""
    if value == 0:
        return exactly(0)

    def times(number: float) -> float:
        # a float's repr is the decimal the user wrote, so 0.29 times 50 is 14.5 and rounds up
        return float(Fraction(repr(number)) * value)

    params = distribution.params
    if distribution.kind == "lognormal":
        changed: tuple[float, ...] = (times(params[0]), params[1])
    elif distribution.kind in ("gamma", "weibull"):
        changed = (params[0], times(params[1]))
    elif distribution.kind == "scipy":
        changed = (times(params[0]), times(params[1]), *params[2:])
    else:
        changed = tuple(times(param) for param in params)
    return replace(distribution, params=changed, planned=times(distribution.planned))


def largest(distribution: Distribution) -> float:
    """Bound of the largest value that can be drawn; infinite when a float cannot hold it."""
    params = distribution.params
    tail = 23.0  # -log of the smallest chance a draw of 32 bits can have
    try:
        if distribution.kind == "lognormal":
            return params[0] * math.exp(params[1] * LARGEST_Z)
        if distribution.kind == "normal":
            return params[0] + params[1] * LARGEST_Z
        if distribution.kind == "exponential":
            return params[0] * tail
        if distribution.kind == "gamma":  # Chernoff: P(X > 2 scale (shape + tail)) is below exp(-tail)
            return 2 * params[1] * (params[0] + tail)
        if distribution.kind == "weibull":
            return float(params[1] * tail ** (1 / params[0]))
        if distribution.kind == "scipy":
            return params[0] + params[1] * float(library_quantiles(distribution.name, params[2:])([LARGEST_Z])[0])
    except OverflowError:
        return math.inf
    return max(params)


def _check_keys(table: dict[str, object]) -> None:
    for key in table:
        if key not in _KEYS:
            close = difflib.get_close_matches(key, [*_KEYS, "samples"], 1)
            hint = f" Did you mean '{close[0]}'?" if close else f" {_FORMS}."
            raise fault("unknown-key", f"'{key}' is no part of a distribution.{hint}", key)


def _name(table: dict[str, object]) -> str | None:
    name = table.get("distribution")
    if name is not None and not isinstance(name, str):
        raise fault(
            "wrong-type", f"A distribution's name is a text: {_listed(_NAMES)}; got {shown(name)}.", "distribution"
        )
    return name


def _of_library(table: dict[str, object], name: str, measure: Measure) -> Distribution:
    """Build a distribution of scipy.stats from its arguments."""
    shapes = library_shapes(name)
    if shapes is None:
        hint = did_you_mean(name, (*_NAMES, *library_names()))
        found = (
            f"{shown(name)} is not a distribution; there are {_listed(_NAMES)}, and the continuous ones of scipy.stats"
        )
        raise fault("wrong-type", f"{found}.{hint}", "distribution")
    numbers = _library_numbers(table, name, shapes, measure)
    location, scale = numbers["loc"], numbers["scale"]
    values = tuple(float(numbers[shape]) for shape in shapes)
    _, low, median, _ = library_quantiles(name, values)([-LARGEST_Z, P2_5, 0.0, LARGEST_Z])
    if float(location) + float(scale) * low < 0:
        found = "This distribution is often below 0: in more than one of 40 cases."
        raise fault("impossible-distribution", f"{found} Give it a larger loc, or a smaller scale.")
    planned = float(location) + float(scale) * float(median)
    return Distribution("scipy", (float(location), float(scale), *values), planned, name=name)


def _library_numbers(
    table: dict[str, object], name: str, shapes: tuple[str, ...], measure: Measure
) -> dict[str, Fraction]:
    """Read the arguments of a distribution of scipy.stats; all that are wrong are reported together."""
    known = (*shapes, "loc", "scale")
    needed = (*shapes, "scale") if measure.units else shapes
    issues = []
    numbers = {"loc": Fraction(0), "scale": Fraction(1)}
    for key, value in table.items():
        if key == "distribution":
            continue
        try:
            if key not in known:
                found = f"'{key}' is no argument of scipy.stats.{name}, which has {_listed(known)}."
                raise fault("unknown-key", f"{found}{did_you_mean(key, known)}")
            numbers[key] = exact(value) if key in shapes else _signed(value, measure.read)
            if key == "scale" and numbers[key] <= 0:
                raise fault("impossible-distribution", f"'scale' must be above 0; got {shown(value)}.")
        except ScenarioError as error:
            issues.append(replace(error.issues[0], where=key))
    missing = [key for key in needed if key not in table]
    if missing:
        unit = ' loc and scale have units, as in scale = "8h".' if "scale" in missing else ""
        issues.extend(fault("missing-key", f"scipy.stats.{name} needs {_listed(missing, ' and ')}.{unit}").issues)
    if issues:
        raise ScenarioError(*issues)
    return numbers


def _incomplete(given: frozenset[str]) -> ScenarioError:
    """Say what is missing when no form has exactly the keys that are given."""
    for form in sorted(_FORM_NAMES, key=len):
        if given and given < form:
            missing = " and ".join(f"'{key}'" for key in sorted(form - given))
            return fault("missing-key", f"{', '.join(sorted(given))} alone is no distribution; {missing} is missing.")
    if not given:
        return fault("missing-key", f"This table says no quantity. {_FORMS}.")
    return fault("impossible-distribution", f"{', '.join(sorted(given))} do not go together. {_FORMS}.")


def _numbers(table: dict[str, object], given: frozenset[str], measure: Measure) -> dict[str, Fraction]:
    """Read the numbers; all that cannot be read are reported together."""
    issues, numbers = [], {}
    for key in sorted(given):
        try:
            numbers[key] = factor(table[key]) if key == "sigma" else measure.read(table[key])
        except ScenarioError as error:
            slug = "impossible-distribution" if error.issues[0].slug == "negative" else error.issues[0].slug
            issues.append(replace(error.issues[0], slug=slug, where=key))
    if issues:
        raise ScenarioError(*issues)
    return numbers


def _three_point(table: dict[str, object], numbers: dict[str, Fraction], name: str, measure: Measure) -> Distribution:
    low, likely, high = numbers["low"], numbers["likely"], numbers["high"]
    if not low <= likely <= high:
        got = ", ".join(str(table[key]) for key in ("low", "likely", "high"))
        raise fault("three-point-order", f"low <= likely <= high must hold; got {got}.")
    kind: DistributionKind = "triangular" if name == "triangular" else "pert"
    if low == high:
        return exactly(likely)
    params = (float(low), float(likely), float(high))
    if "at" in table:
        params = ends_at(table["at"], params, kind, -math.inf if measure.signed else 0.0)
    return Distribution(kind, params, float(likely))


def _uniform(table: dict[str, object], numbers: dict[str, Fraction]) -> Distribution:
    low, high = numbers["from"], numbers["to"]
    if low > high:
        raise fault("impossible-distribution", f"from <= to must hold; got {table['from']}, {table['to']}.")
    if low == high:
        return exactly(low)
    return Distribution("uniform", (float(low), float(high)), float((low + high) / 2))


def _values(table: dict[str, object], measure: Measure) -> Distribution:
    listed, weights = table["values"], table.get("weights")
    if not isinstance(listed, list) or not listed:
        raise fault("wrong-type", f"values is a list of at least one quantity; got {shown(listed)}.", "values")
    if weights is None:
        weights = [1] * len(listed)
    if not isinstance(weights, list) or len(weights) != len(listed):
        got = f"{len(weights)} weights" if isinstance(weights, list) else shown(weights)
        raise fault("impossible-distribution", f"Each value has one weight: {len(listed)} values, {got}.", "weights")
    values = _read_list(listed, measure.read, "values")
    chances = _read_list(weights, factor, "weights")
    total = sum(chances)
    if total <= 0:
        raise fault("impossible-distribution", "At least one weight must be above 0.", "weights")
    return one_of((value, chance / total) for value, chance in zip(values, chances, strict=True))


def _read_list(items: list[object], read: Callable[[object], Fraction], key: str) -> list[Fraction]:
    issues, numbers = [], []
    for place, item in enumerate(items):
        try:
            numbers.append(read(item))
        except ScenarioError as error:
            issue = error.issues[0]
            slug = "impossible-distribution" if issue.slug == "negative" else issue.slug
            issues.append(replace(issue, slug=slug, where=f"{key}[{place}]"))
    if issues:
        raise ScenarioError(*issues)
    return numbers


def _two_moments(table: dict[str, object], numbers: dict[str, float], name: str) -> Distribution:
    """Build a lognormal, normal, gamma, weibull or exponential distribution from what was given of it."""
    for key, number in numbers.items():
        if number <= 0:
            found = f"'{key}' must be above 0; got {table[key]}. For no spread write {{ exactly = ... }}."
            raise fault("impossible-distribution", found, key)
    if "median" in numbers:
        return _by_median(table, numbers)
    mean = numbers["mean"]
    if "sd" not in numbers:
        return Distribution("exponential", (mean,), mean * math.log(2))
    deviation = numbers["sd"]
    if not 0.001 <= deviation / mean <= 20:
        found = f"sd must be between 0.001 and 20 times the mean; got mean {table['mean']}, sd {table['sd']}."
        raise fault("impossible-distribution", found, "sd")
    if name == "normal":
        if deviation > mean / 2:  # more than one in forty would be below nothing, and cutting that off moves the mean
            found = f"A normal distribution with mean {table['mean']} and sd {table['sd']} is often below 0."
            raise fault("impossible-distribution", f"{found} Keep sd to half the mean, or use lognormal.", "sd")
        return Distribution("normal", (mean, deviation), mean)
    return {"gamma": gamma, "weibull": weibull, "lognormal": lognormal}[name](mean, deviation)


def _by_median(table: dict[str, object], numbers: dict[str, float]) -> Distribution:
    """Build a lognormal distribution from its median and its sigma or 90th percentile."""
    median = numbers["median"]
    if "sigma" in numbers:
        return Distribution("lognormal", (median, numbers["sigma"]), median)
    if numbers["p90"] <= median:
        found = f"p90 must be above the median; got median {table['median']}, p90 {table['p90']}."
        raise fault("impossible-distribution", found, "p90")
    return Distribution("lognormal", (median, math.log(numbers["p90"] / median) / P90), median)


def _listed(names: Sequence[str], last: str = " or ") -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + last + quoted[-1]
