"""`python -m ispalier`."""

from ispalier.cli.main import app

if __name__ == "__main__":
    app(prog_name="ispalier")
