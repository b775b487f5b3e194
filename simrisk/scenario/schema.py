"""The JSON Schema of a scenario file, for editors that complete and check while one types."""

from __future__ import annotations

import json
from typing import Any

from simrisk.scenario.tables import ScenarioFile

_QUANTITY = {"type": ["number", "string"]}
_QUANTITIES = ("low", "likely", "high", "median", "p90", "mean", "sd", "from", "to", "exactly")
_DISTRIBUTIONS = ["pert", "triangular", "lognormal", "normal", "gamma", "weibull", "exponential", "uniform"]
_PRIOR = {"$ref": "#/$defs/NamedPrior"}
_DEFINITIONS: dict[str, Any] = {
    "Distribution": {
        "description": "An uncertain quantity.",
        "type": "object",
        "additionalProperties": _QUANTITY,  # the arguments of a distribution of scipy.stats
        "properties": {
            **dict.fromkeys(_QUANTITIES, _QUANTITY),
            "sigma": {"type": "number", "exclusiveMinimum": 0},
            "values": {"type": "array", "items": _QUANTITY},
            "weights": {"type": "array", "items": {"type": "number", "minimum": 0}},
            "at": {"type": "string", "examples": ["p10-p90"]},
            "distribution": {"anyOf": [{"enum": _DISTRIBUTIONS}, {"type": "string", "examples": ["burr12"]}]},
            "samples": {"type": "string", "examples": ["durations.csv"]},
            "column": {"type": "string"},
            "unit": {"enum": ["m", "h", "d", "w", "mo"]},
        },
    },
    "NamedPrior": {
        "description": "A documented default, by its name.",
        "type": "object",
        "additionalProperties": False,
        "required": ["prior"],
        "properties": {"prior": {"type": "string"}},
    },
    "DaysBy": {
        "description": "Days of leave in all until a date.",
        "type": "object",
        "additionalProperties": False,
        "required": ["days"],
        "properties": {"days": {"type": "number", "minimum": 0}, "by": {"type": "string", "format": "date"}},
    },
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    made = _for_toml(ScenarioFile.model_json_schema(by_alias=True))
    made["$defs"].update(_DEFINITIONS)
    made["title"] = "simrisk scenario"
    tables = {name: table["properties"] for name, table in made["$defs"].items() if "properties" in table}
    for name, key in (("PersonTable", "onboarding"), ("PoolTable", "onboarding"), ("DepartureTable", "replace")):
        tables[name][key] = {"anyOf": [_PRIOR, tables[name][key]]}
    for holder in (made["properties"], tables["PersonTable"], tables["MitigationTable"]):
        holder["absence"]["additionalProperties"] = {"anyOf": [_PRIOR, holder["absence"]["additionalProperties"]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text() -> str:
    """Return the JSON Schema as ``docs/scenario.schema.json`` holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _for_toml(node: Any) -> Any:
    """Drop what only Python knows (null, default values, titles of keys) and point references to their definitions."""
    if isinstance(node, list):
        return [_for_toml(item) for item in node if item != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    if "definition" in node:
        return {"$ref": f"#/$defs/{node['definition']}"}
    kept = {}
    for key, value in node.items():
        if key == "properties":
            kept[key] = {name: _for_toml(table) for name, table in value.items()}
        elif key not in ("default", "title"):
            kept[key] = _for_toml(value)
    choices = kept.pop("anyOf", None)
    if choices is not None:
        kept = {**choices[0], **kept} if len(choices) == 1 else {"anyOf": choices, **kept}
    return kept
