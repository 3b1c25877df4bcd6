"""Pages of the platform's admin that need everything: the state of things, and every setting explained."""
