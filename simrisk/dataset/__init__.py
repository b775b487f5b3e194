"""Results as a Dataset: numbers become words here, once; one registry, one file format, provenance inside."""

from simrisk.dataset.build import to_dataset, validate
from simrisk.dataset.dates import RunDates
from simrisk.dataset.files import probe_folder, read, replacing, together, write, write_text
from simrisk.dataset.registry import ATTRIBUTES, REGISTRY, SCHEMA, Variable

__all__ = [
    "ATTRIBUTES",
    "REGISTRY",
    "SCHEMA",
    "RunDates",
    "Variable",
    "probe_folder",
    "read",
    "replacing",
    "to_dataset",
    "together",
    "validate",
    "write",
    "write_text",
]
