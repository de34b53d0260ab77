"""Walls between enterprises: every model, every way, every public method."""
