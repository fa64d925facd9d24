"""One command a file: its options, the work it asks for, and what is printed."""
