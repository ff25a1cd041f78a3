"""The blob store: a port (port.py) and its implementations."""
