"""Explanations judged over images and beside rivals."""
