"""What a run found, in words: the terminal's table, summary.md and summary.json, all with the same figures."""
