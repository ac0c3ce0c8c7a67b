"""The commands as users type them; what each does is in the module of its name."""
