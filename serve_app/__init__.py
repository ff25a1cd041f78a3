"""The HTTP side: the Starlette app, its gateway to the hosts, the composition root, the command."""
