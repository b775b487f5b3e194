"""The JSON Schema for editors: current, and with the same keys as the loader."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from simrisk.scenario.schema import schema, schema_text
from simrisk.scenario.tables import ScenarioFile, TaskTable

COMMITTED = Path(__file__).parent.parent / "docs" / "scenario.schema.json"

PLANS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.toml"))


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), (
        "write it anew: simrisk schema > docs/scenario.schema.json"
    )


def test_it_knows_the_loaders_keys() -> None:
    made = schema()
    assert set(made["properties"]) == set(ScenarioFile.model_fields)
    assert made["required"] == ["project", "tasks"]
    task = made["$defs"]["TaskTable"]
    assert set(task["properties"]) == set(TaskTable.model_fields)
    assert task["additionalProperties"] is False
    assert set(made["$defs"]["RangeTable"]["properties"]) == {"from", "to"}


def as_json(value: Any) -> Any:
    """What an editor makes of TOML values: dates are texts."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("path", PLANS, ids=[path.stem for path in PLANS])
def test_the_scenarios_agree_with_it(path: Path) -> None:
    values = as_json(tomllib.loads(path.read_text(encoding="utf-8")))
    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema()).iter_errors(values)]
    assert errors == []


@pytest.mark.parametrize(
    "name",
    [
        *("wrong-type--link", "unknown-key--link", "unknown-key--mitigation", "unknown-key--mitigation-task"),
        *("out-of-range--rho", "out-of-range--units", "wrong-type--headcount", "wrong-type--monthly"),
        *(
            "missing-key--probability",
            "missing-key--contractor-rate",
            "probability-range--risk",
            "out-of-range--raises",
        ),
    ],
)
def test_it_finds_what_needs_no_other_table(name: str) -> None:
    text = (Path(__file__).parent / "scenarios_faulty" / f"{name}.toml").read_text(encoding="utf-8")
    assert list(Draft202012Validator(schema()).iter_errors(as_json(tomllib.loads(text))))


def nodes(node: Any) -> list[dict[str, Any]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [*([node] if isinstance(node, dict) else []), *(below for child in inner for below in nodes(child))]


def test_every_reference_and_pattern_holds() -> None:
    made = schema()
    for node in nodes(made):
        if isinstance(node.get("$ref"), str):
            assert node["$ref"].removeprefix("#/$defs/") in made["$defs"]
        if isinstance(node.get("pattern"), str):
            assert all(re.search(node["pattern"], example) for example in node["examples"])
    assert "null" not in json.dumps(made)
