"""Metrics: how true an explanation is to the model."""
