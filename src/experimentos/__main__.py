"""`python -m experimentos`: the command line."""

from experimentos.cli import main

if __name__ == "__main__":
    main()
