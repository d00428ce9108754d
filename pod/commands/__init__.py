"""What `rhizome` can do: a module for each family of commands, which adds them to the parser and runs them."""
