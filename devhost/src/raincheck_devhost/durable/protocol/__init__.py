"""What the SDK is sent and answers: events, payloads, JSON as Newtonsoft prints and reads it."""
