"""The jobs: a few calls each, no screen."""
