"""ExperimentOS: from the first sentence of an experiment to the decision."""

__version__ = "0.1.0"
