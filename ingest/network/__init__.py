"""A CLIP ResNet as tensors: model, trunk, layers and units, a forward pass that keeps what is asked for."""
