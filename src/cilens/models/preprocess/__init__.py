"""What a network wants its input to be: geometry once, values per batch."""
