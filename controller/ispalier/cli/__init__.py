"""The commands of `ispalier`."""
