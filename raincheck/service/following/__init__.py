"""Following runs: one tail a run and process looks at the log and the status, for all its readers."""
