"""A CLIP ResNet as tensors: model, trunk, layers and units, a forward pass that keeps what is asked for."""

from ingest.network.quick_start import import_open_clip

import_open_clip()
