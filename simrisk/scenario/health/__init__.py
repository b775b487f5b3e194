"""Plan health, one idea a file: load, cover, leave, gates, figures and logic, before any dice are rolled."""
