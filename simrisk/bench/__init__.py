"""The benchmark: the plans that are measured, the same work done in other ways, and the table that compares them."""
