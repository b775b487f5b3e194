"""The documented defaults: their arithmetic agrees with what their sources say."""

import math
import re
import tomllib

import pytest

from simrisk.scenario.priors import PRIORS, PriorEntry

WORKING_DAYS = 52 * 5
STANDARD_NORMAL_P90 = 1.2815515655446004

ENTRIES = [pytest.param(field, name, id=f"{field}-{name}") for field in PRIORS for name in PRIORS[field]]


def table(field: str, name: str) -> dict:
    value = PRIORS[field][name].value
    assert isinstance(value, dict)
    return value


def number(text: str, unit: str) -> float:
    match = re.fullmatch(rf"([0-9.]+){unit}", text)
    assert match, text
    return float(match[1])


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {as_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def test_sources_show_their_arithmetic():
    text = " ".join(entry.source for entries in PRIORS.values() for entry in entries.values())
    for shown in ("= 1.20", "= 0.54", "= 1.35", "= 2.6 days", "= 9.4 days", "= 7 weeks", "= 26 weeks"):
        assert shown in text


def test_every_field_that_may_name_a_prior_has_one():
    assert set(PRIORS) == {"spread", "common", "absence", "leave", "attrition", "hiring", "ramp"}
    assert all(PRIORS.values())


@pytest.mark.parametrize(("field", "name"), ENTRIES)
def test_value_can_be_written_in_a_file_and_has_a_source(field, name):
    entry = PRIORS[field][name]
    assert isinstance(entry, PriorEntry)
    assert tomllib.loads(f"value = {as_toml(entry.value)}") == {"value": entry.value}
    assert re.fullmatch(r"[a-z0-9-]+", name)
    assert len(entry.source) > 40
    assert entry.source.endswith(".")


@pytest.mark.parametrize(("field", "name"), ENTRIES)
def test_arithmetic_written_in_a_source_is_right(field, name):
    """Every `a op b = c` of a source holds to the digits it is written with."""
    figure = r"[0-9]+(?:\.[0-9]+)?"
    sums = re.findall(rf"((?:exp|ln|[0-9(])[-0-9.+*/^() expln]*[0-9)]) = ({figure})", PRIORS[field][name].source)
    for left, right in sums:
        formula = re.sub(r"\^", "**", left)
        assert re.fullmatch(r"(?:exp|ln|[-0-9.+*/() ])+", formula)
        decimals = len(right.partition(".")[2])
        result = eval(formula, {"__builtins__": {}}, {"exp": math.exp, "ln": math.log})
        assert round(result, decimals) == pytest.approx(float(right), abs=1e-12), left


@pytest.mark.parametrize(("name", "days"), [("us", 0.01 * WORKING_DAYS), ("uk", 9.4)])
def test_absence_adds_up_to_its_days_a_year(name, days):
    prior = table("absence", name)
    lengths = [number(text, "d") for text in prior["duration"]["values"]]
    weights = prior["duration"]["weights"]
    mean = sum(length * weight for length, weight in zip(lengths, weights, strict=True)) / sum(weights)
    assert prior["per_year"] * mean == pytest.approx(days, rel=1e-12)
    # whole days already: rounding a spell to days changes nothing
    assert all(length == int(length) >= 1 for length in lengths)
    assert f"= {days:g} days." in PRIORS["absence"][name].source


def test_task_spreads_are_those_of_the_data():
    """7,916 tasks: median 1, robust log-sd 0.6. All 10,266: median 1, P90 2.00."""
    sip, p90 = table("spread", "sip"), table("spread", "sip-p90")
    assert (sip["median"], sip["sigma"]) == (1.0, 0.6)
    assert p90["median"] * math.exp(STANDARD_NORMAL_P90 * 0.541) == pytest.approx(p90["p90"], rel=1e-3)


@pytest.mark.parametrize("name", ["kitchenham", "moloekken-joergensen", "landmark"])
def test_project_factors_lie_in_the_range_of_the_studies(name):
    prior = table("common", name)
    assert 1.0 <= prior["median"] <= 1.8
    assert 0.36 <= prior["sigma"] <= 0.43


def test_mean_overrun_of_moloekken_and_joergensen_is_30_to_40_percent():
    prior = table("common", "moloekken-joergensen")
    assert 1.30 <= prior["median"] * math.exp(prior["sigma"] ** 2 / 2) <= 1.40


def test_leave_goes_from_11_to_20_days():
    days = [PRIORS["leave"][name].value for name in ("low", "middle", "high")]
    assert days[0] == 11
    assert days[2] == 20
    assert days[0] < days[1] < days[2]


def test_ramps_are_months_in_weeks_of_a_year_of_52():
    for name, months in (("low", 3), ("middle", 6), ("high", 9)):
        assert number(table("ramp", name)["ramp"], "w") * 12 == months * 52
        assert 0 <= table("ramp", name)["from"] <= 1


def test_hiring_is_49_days_and_attrition_13_percent():
    assert number(table("hiring", "application")["exactly"], "w") * 7 == 49
    assert PRIORS["attrition"]["industry"].value == 0.13
