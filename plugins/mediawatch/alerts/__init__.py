"""What is worth telling somebody: what is usual, which rules there are, and the words of an alert. Pure."""
