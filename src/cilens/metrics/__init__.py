"""Metrics: is an explanation true to the model?"""
