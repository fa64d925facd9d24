"""What a model file says, and what has to be asked for."""
