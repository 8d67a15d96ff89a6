"""IP addresses from own pools."""
