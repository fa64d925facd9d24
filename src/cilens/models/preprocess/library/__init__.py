"""A `Preprocess` read from what a network's own library has."""
