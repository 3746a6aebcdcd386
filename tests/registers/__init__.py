"""What the register files may say, and how they are refused."""
