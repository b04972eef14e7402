"""Feature visualisations: optimised here, or OpenAI Microscope's."""
