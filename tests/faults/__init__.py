"""What breaks, broken on purpose under load: `make faults` breaks all of it, one fault after another."""
