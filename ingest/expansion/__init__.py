"""Expanded weights as maths: supports, and the descent from an upper unit to every layer below it."""
