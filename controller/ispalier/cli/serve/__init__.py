"""Serve: passes over files, once or for ever."""
