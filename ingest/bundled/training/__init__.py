"""How the bundled model was trained, and how its asset is made."""
