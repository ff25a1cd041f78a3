"""The HTTP routes: each turns a request into a call of one service and its answer into a response."""
