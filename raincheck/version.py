"""The version of this code, as health and OpenAPI tell it."""

__all__ = ["VERSION"]

VERSION = "0.1.0"
