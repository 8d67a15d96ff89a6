"""Files as a source: a folder or a git repository, served by the same loop as a cluster."""
