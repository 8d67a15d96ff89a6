"""What goes wrong while servers are started or ended."""


class StackError(RuntimeError):
    """A server could not be started or ended; the message says which, why and what to do."""
