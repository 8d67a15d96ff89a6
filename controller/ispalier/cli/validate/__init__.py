"""Validate: what is wrong with files, on all cores and from memory."""
