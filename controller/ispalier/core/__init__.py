"""The engine: knows no kind and no system."""
