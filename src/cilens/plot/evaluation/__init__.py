"""Figures over images and rivals; a file for each of `cilens.evaluation`."""
