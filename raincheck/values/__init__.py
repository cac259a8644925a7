"""How a typed value is checked, carried from one part of a run to another, and described."""
