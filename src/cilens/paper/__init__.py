"""The paper, made again: its figures, and which of its claims hold, in one page to read."""
