"""The models: one file per idea, how it behaves (SimPy) and how it is lowered into arrays."""
