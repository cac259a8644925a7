"""Drives a flow: turns its awaits into tasks of whatever executes them, deterministically.

Nothing here reads a clock, makes a random number, does I/O or knows of asyncio or Durable: time and tasks
come through the port in `raincheck.driver.tasks`, so that the same code drives flows on Durable Functions
and in a unit test.
"""
