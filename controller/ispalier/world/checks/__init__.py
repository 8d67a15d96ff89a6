"""Checks across resources: what would wait, clash or not be sold as it is written."""
