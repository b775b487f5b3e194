"""docs/scenario.md says what the loader does: its example loads, its priors, keys and slugs are those of the code."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

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

# what the page says of each feature, as an entry that the example can take
ENTRIES = {
    "pools": "[pools.ops]\nheadcount = { 2026-01-01 = 1, 2026-03-01 = 2.5 }",
    "pool": '[pools.ops]\nmonthly = [1, 2, 3]\n[tasks.run]\neffort = "3mo"\npool = "ops"\nmax_fte = 2.0',
    "equipment": '[equipment.rig]\ncost = "2_000/w"\n[tasks.run]\nwork = { Ada = "5h" }\nuses = { rig = 1 }',
    "risks": '[risks.sync]\nprobability = 0.3\naffects = ["api"]\nfactor = 1.3\ndelay = "1w"\naway = { Ada = "2w" }',
    "correlations": '[correlations]\ngroups = [{ tasks = ["api", "pages"], rho = 0.4 }]',
    "mitigations": '[mitigations.train]\nprice = 500\nchanges = { "tasks.api.backup" = [] }',
    "departure": '[people.Cas]\ndeparture = { per_year = 0.1, notice = "2w", replace = { prior = "application" } }',
    "duration": '[tasks.wait]\nduration = "5d"\nwho = "Ada"',
    "milestone": "[tasks.end]\nmilestone = true",
    "progress": '[tasks.run]\nwork = { Ada = "5h" }\nprogress = { done = "1h" }',
    "raises": '[tasks.run]\nwork = { Ada = "5h" }\nraises = { Ben = { backend = 3 } }',
    "after": '[tasks.run]\nwork = { Ada = "5h" }\nafter = [{ task = "api", link = "SS", lag = "3d" }]',
    "contractor": '[tasks.run]\nwork = { Ada = "5h" }\n[tasks.run.unavailable]\ncontractor_after = "10d"\n'
    'contractor = { lead = "5d", rate = "110/h", level = 2 }',
    "descope": '[tasks.run]\nwork = { Ada = "5h" }\nunavailable = { descope_after = "10d", descope = ["pages"] }',
    "contracts": "[costs.contracts.audit]\namount = 20_000\non = 2026-03-02",
    "compensation": '[costs.compensation.night]\npeople = ["A*"]\nrate = "10/h"\nfrom = 2026-02-02\nto = 2026-02-06',
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


@pytest.mark.parametrize("key", ENTRIES)
def test_every_feature_loads(key):
    example = EXAMPLE.replace("[project]", "[project]\nstatus_date = 2026-02-02")
    assert replace(loads(f"{example}\n{ENTRIES[key]}"), text="") != replace(loads(example), text="")
    assert f"`{key}" in PAGE or f"[{key}" in PAGE


def test_every_key_is_on_the_page():
    for table in vars(tables).values():
        if isinstance(table, type) and issubclass(table, tables.Table):
            for name, field in table.model_fields.items():
                assert re.search(rf"\b{field.alias or name}\b", PAGE), (table.__name__, name)


def test_every_prior_is_on_the_page_with_its_value():
    for field, entries in PRIORS.items():
        for name, entry in entries.items():
            assert f"`{name}`" in PAGE, (field, name)
            assert _written(entry.value) in PAGE, (field, name)


def test_every_slug_of_the_loader_is_on_the_page():
    called = re.compile(r'\b(?:fault|add|refuse|_warning|issue)\((?:\s*"(?:warning|notice)",)?\s*"([a-z-]+)"')
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "simrisk" / "scenario").rglob("*.py")]
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


def test_the_second_example_loads_with_and_without_its_mitigation():
    text = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[-1]
    assert "[pools.ops]" in text
    assert loads(text).risks[0].probability == 0.3
    assert loads(text, with_=["second-vendor"]).risks[0].probability == 0.1
