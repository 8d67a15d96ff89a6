"""Benchmarks on the real stack; each figure beside the machine's floor or a peer, in one run."""
