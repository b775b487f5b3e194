"""docs/scenario.md says what the loader does: its example loads, its priors, keys and slugs are those of the code."""

import re
from pathlib import Path

import pytest

from simrisk.errors import ScenarioError
from simrisk.scenario import tables
from simrisk.scenario.load import loads
from simrisk.scenario.priors import PRIORS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]

QUANTITIES = [
    '"80h"',
    '{ exactly = "80h" }',
    '{ low = "64h", likely = "80h", high = "140h" }',
    '{ low = "64h", likely = "80h", high = "140h", distribution = "triangular" }',
    '{ low = "64h", likely = "80h", high = "140h", at = "p10-p90" }',
    '{ median = "80h", p90 = "140h" }',
    '{ mean = "80h", sd = "20h", distribution = "lognormal" }',
    '{ mean = "80h", sd = "20h", distribution = "normal" }',
    '{ mean = "80h", sd = "20h", distribution = "gamma" }',
    '{ mean = "80h", sd = "20h", distribution = "weibull" }',
    '{ mean = "5d", distribution = "exponential" }',
    '{ from = "1w", to = "2w" }',
    '{ values = ["1d", "2d", "10d"], weights = [5, 4, 1] }',
]

UNSUPPORTED = {
    "pools": "[pools.ops]\nheadcount = { 2026-01-01 = 1 }",
    "equipment": "[equipment.rig]\nunits = 1",
    "risks": "[risks.sync]\nprobability = 0.3",
    "correlations": "[correlations]\ngroups = []",
    "mitigations": "[mitigations.train]\nprice = 0",
    "departure": "[people.Cas]\ndeparture = { per_year = 0.1 }",
    "duration": '[tasks.wait]\nduration = "5d"',
    "milestone": "[tasks.wait]\nmilestone = true",
    "pool": '[tasks.wait]\neffort = "5h"\npool = "ops"',
    "uses": '[tasks.wait]\nwork = { Ada = "5h" }\nuses = { rig = 1 }',
    "progress": '[tasks.wait]\nwork = { Ada = "5h" }\nprogress = { done = "1h" }',
    "raises": '[tasks.wait]\nwork = { Ada = "5h" }\nraises = { Ben = { backend = 3 } }',
    "after": '[tasks.wait]\nwork = { Ada = "5h" }\nafter = [{ task = "api", link = "SS" }]',
    "contractor_after": '[tasks.wait]\nwork = { Ada = "5h" }\nunavailable = { contractor_after = "10d" }',
    "descope_after": '[tasks.wait]\nwork = { Ada = "5h" }\nunavailable = { descope_after = "10d" }',
    "samples": '[tasks.wait]\nwork = { Ada = { samples = "hours.csv" } }',
    "scipy": '[tasks.wait]\nwork = { Ada = { distribution = "beta", a = 2, b = 5 } }',
}


def test_example_loads_and_is_what_the_page_says():
    scenario = loads(EXAMPLE)
    assert [task.id for task in scenario.tasks] == ["api", "pages"]
    assert scenario.tasks[0].efforts[0].kind == "lognormal"
    assert scenario.tasks[1].efforts[0].params == (40 * 60, 60 * 60, 120 * 60)
    assert scenario.gates[0].requires == ("api", "pages")
    assert not scenario.gates[0].has_no_go


@pytest.mark.parametrize("written", QUANTITIES)
def test_every_form_of_a_quantity_loads(written):
    scenario = loads(f"{EXAMPLE}\n[tasks.more]\nwork = {{ Ada = {written} }}")
    assert scenario.tasks[-1].id == "more"
    shown = written if "{ low" not in written else "{ low"  # longer forms are shortened in the table
    assert shown in PAGE or re.search(r'distribution = "\w+"', written)[0].split()[-1] in PAGE


@pytest.mark.parametrize("key", UNSUPPORTED)
def test_what_is_not_supported_says_so(key):
    with pytest.raises(ScenarioError) as caught:
        loads(f"{EXAMPLE}\n{UNSUPPORTED[key]}")
    assert "not-supported" in {issue.slug for issue in caught.value.issues}
    assert f"`{key}`" in PAGE or key in ("scipy", "after")


def test_every_key_is_on_the_page():
    for table in vars(tables).values():
        if isinstance(table, type) and issubclass(table, tables.Table):
            for name, field in table.model_fields.items():
                assert re.search(rf"\b{field.alias or name}\b", PAGE), (table.__name__, name)
            assert all(f"`{key}`" in PAGE for key in table.later), table.__name__


def test_every_prior_is_on_the_page_with_its_value():
    for field, entries in PRIORS.items():
        for name, entry in entries.items():
            assert f"`{name}`" in PAGE, (field, name)
            assert _written(entry.value) in PAGE, (field, name)


def test_every_slug_of_the_loader_is_on_the_page():
    called = re.compile(r'\b(?:fault|add|refuse|_warning|issue)\((?:\s*"(?:warning|notice)",)?\s*"([a-z-]+)"')
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "simrisk" / "scenario").glob("*.py")]
    slugs = {slug for source in sources for slug in called.findall(source)} - {"warning"}
    assert len(slugs) > 45
    assert {"unknown-key", "toml-syntax", "over-allocated", "gate-deadlock", "no-handover"} <= slugs
    assert {slug for slug in slugs if f"`{slug}`" not in PAGE} == set()


def _written(value: object) -> str:
    if isinstance(value, dict):
        if "ramp" in value and value["ramp"] != "13w":  # the page shortens the other two
            return f'"{value["ramp"]}"'
        if set(value) == {"exactly"}:
            return f'"{value["exactly"]}"'
        return "{ " + ", ".join(f"{key} = {_written(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return "13 %" if value == 0.13 else f"{value!r}"
