"""Results as a Dataset: numbers become words here, once; one registry, one file format, provenance inside."""

from simrisk.dataset.attachments import restored, restored_from, sample_files, unpacked
from simrisk.dataset.build import Ends, LogicOnly, to_dataset, to_run, validate
from simrisk.dataset.dates import RunDates
from simrisk.dataset.ends import run_of_ends, some_trials
from simrisk.dataset.files import probe_folder, read, replacing, together, write, write_text
from simrisk.dataset.pairs import Pair
from simrisk.dataset.registry import ATTRIBUTES, REGISTRY, SCHEMA, Variable
from simrisk.dataset.run import Results, Run, column, remembered
from simrisk.dataset.store import Trials

__all__ = [
    "ATTRIBUTES",
    "Ends",
    "LogicOnly",
    "Pair",
    "REGISTRY",
    "SCHEMA",
    "Results",
    "Run",
    "RunDates",
    "Trials",
    "Variable",
    "column",
    "probe_folder",
    "read",
    "remembered",
    "replacing",
    "restored",
    "restored_from",
    "run_of_ends",
    "sample_files",
    "some_trials",
    "to_dataset",
    "to_run",
    "together",
    "unpacked",
    "validate",
    "write",
    "write_text",
]
