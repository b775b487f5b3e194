"""Results as a Dataset: numbers become words here, once; one registry, one file format, provenance inside."""

from simrisk.dataset.attachments import sample_files, unpacked
from simrisk.dataset.build import Ends, LogicOnly, to_dataset, validate
from simrisk.dataset.dates import RunDates
from simrisk.dataset.files import probe_folder, read, replacing, together, write, write_text
from simrisk.dataset.pairs import Pair
from simrisk.dataset.registry import ATTRIBUTES, REGISTRY, SCHEMA, Variable

__all__ = [
    "ATTRIBUTES",
    "Ends",
    "LogicOnly",
    "Pair",
    "REGISTRY",
    "SCHEMA",
    "RunDates",
    "Variable",
    "probe_folder",
    "read",
    "replacing",
    "sample_files",
    "to_dataset",
    "together",
    "unpacked",
    "validate",
    "write",
    "write_text",
]
