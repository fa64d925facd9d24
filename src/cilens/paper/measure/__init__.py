"""Measuring: small functions from a network, images and labels to numbers.

Each returns `Measured` numbers by the names of the checks in `cilens.paper.claims`, without their
claim: ``"kept"`` of P10 is "P10.kept". None of them knows a threshold.
"""
