"""Images to explain and to measure with: the shipped MNIST test split and what else is read."""
