"""Measurements of a CLIP ResNet. The only package that imports torch and open_clip."""
