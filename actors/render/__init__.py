"""Rendering: documents opened and turned into page images, outputs assembled, apart from everyone else."""
