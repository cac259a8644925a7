"""The process that holds the app's code: indexes it and runs its functions, as Azure's Python worker does."""

INVOCATION_HEADER = b"x-ms-invocation-id"
