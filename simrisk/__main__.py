"""`python -m simrisk` is the command line."""

from simrisk.cli import main

if __name__ == "__main__":
    main()
