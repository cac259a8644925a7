"""For whoever runs the app: which runs and deliveries there are, how each stands, stopping, redelivering."""
