"""The actors: the job machine, the Renderer, the OCR pool."""
