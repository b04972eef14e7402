"""What ships with the program beside its code: the bundled model, its picture set, fonts, explicit words."""

from pathlib import Path

ASSETS = Path(__file__).parent
