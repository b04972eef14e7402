"""The bundled model `emoji-rn50`, a narrow CLIP with RN50's bottlenecks: pictures, words, training, evaluation."""
