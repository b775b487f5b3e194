"""The JSON Schema for editors: current, and with the same keys as the loader."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from simrisk.scenario.schema import schema, schema_text
from simrisk.scenario.tables import ScenarioFile, TaskTable

COMMITTED = Path(__file__).parent.parent / "docs" / "scenario.schema.json"


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), (
        "write it anew: simrisk schema > docs/scenario.schema.json"
    )


def test_it_knows_the_loaders_keys_and_no_later_ones() -> None:
    made = schema()
    assert set(made["properties"]) == set(ScenarioFile.model_fields)
    assert made["required"] == ["project", "tasks"]
    task = made["$defs"]["TaskTable"]
    assert set(task["properties"]) == set(TaskTable.model_fields)
    assert not set(task["properties"]) & set(TaskTable.later)
    assert task["additionalProperties"] is False
    assert set(made["$defs"]["RangeTable"]["properties"]) == {"from", "to"}


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
