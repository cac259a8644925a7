"""The native contract: JSON over HTTP, Azure's long-running operations, server-sent events."""
