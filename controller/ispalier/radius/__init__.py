"""Subscribers, groups and clients of FreeRADIUS with its SQL module."""
