"""The management API and the SDK's endpoint over HTTP."""
