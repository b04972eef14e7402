"""Names for units: which concept their strongest pictures share, and how far to trust it."""
