"""What lives between the start and the stop of a queue. `JobQueue` starts it; nobody else imports it."""
