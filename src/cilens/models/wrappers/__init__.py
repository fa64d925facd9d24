"""Models made of models: classes in groups, a canvas of windows, a detector."""
