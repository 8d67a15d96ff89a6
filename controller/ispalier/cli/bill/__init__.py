"""Bill: what contracts owe, and what was posted."""
