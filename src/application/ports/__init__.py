"""What the use cases ask of the outside world, one Protocol a file."""
