"""`python -m ispalier`."""

from ispalier.cli.start import main

if __name__ == "__main__":
    main()
