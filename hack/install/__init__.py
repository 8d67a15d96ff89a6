"""Makes a fresh machine able to run the project; standard library only, for nothing is there yet."""
