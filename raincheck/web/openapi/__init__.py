"""The OpenAPI document: one typed operation per flow, in 3.1 and 3.0."""
