"""The real servers that tests, benchmarks and the demo run against, as plain processes."""
