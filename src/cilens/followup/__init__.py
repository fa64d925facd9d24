"""Further questions about one explanation, and what it is worth."""
