"""Look after: the journal and whom hosts belong to."""
