"""What users write: one file per family of kinds."""
