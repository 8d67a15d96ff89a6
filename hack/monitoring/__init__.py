"""Monitoring: the dashboard of the chart."""
