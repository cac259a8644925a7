"""Triggers that wait for something (queues, timers), and output bindings."""
