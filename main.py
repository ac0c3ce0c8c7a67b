"""`python main.py [COMMAND]`: without a command it trains."""

import sys

from trackdnn.cli import main

if __name__ == "__main__":
    sys.exit(main())
