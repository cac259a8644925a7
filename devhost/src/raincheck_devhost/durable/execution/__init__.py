"""What an orchestrator's answer means over its history: what to schedule, how it ends, what can't be."""
