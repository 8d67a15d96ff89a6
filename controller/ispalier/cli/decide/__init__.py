"""Decide: what waits for a person, is held back, or is gone."""
