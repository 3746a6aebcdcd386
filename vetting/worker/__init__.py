"""What happens by itself, beside the acts of people: the log is brought up to date and sealed."""
