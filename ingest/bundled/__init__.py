"""The bundled model `emoji-rn50` (design.md section 8): its pictures and words, training, evaluation and asset."""
