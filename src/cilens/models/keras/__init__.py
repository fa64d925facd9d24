"""Keras models and files."""
