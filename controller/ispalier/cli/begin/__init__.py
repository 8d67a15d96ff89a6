"""Begin: a new installation, its first files, its back ends."""
