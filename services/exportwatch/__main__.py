"""`python -m exportwatch`: the same as the console script."""

from exportwatch.cli import main

main()
