"""The description of the HTTP API: OpenAPI 3.1, built from the classes that the API itself is made of."""
