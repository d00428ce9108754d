"""What everything else talks about: immutable values without behaviour of their own."""
