"""The state file: rows, the SQL over them, the one connection that writes."""
