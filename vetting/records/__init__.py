"""What is kept: tables, the one way to write them, and who may see what."""
