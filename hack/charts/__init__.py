"""What is generated in the charts: the schema of their values, and the table in their READMEs."""
