"""What is declared: the snapshot of all resources, its loaders, and the view of one unit."""
