"""The loop: who has something to do, in which order, and when again; the same for every source."""
