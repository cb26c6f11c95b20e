"""What ships as data: the first topic files and their JSON Schema."""
