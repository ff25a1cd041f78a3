"""The OCR pool: engines, batching, and the OCRActor."""
