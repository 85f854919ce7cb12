"""`genexplorer` and `python -m genexplorer`."""

import sys


def main() -> None:
    from genexplorer.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
