"""Behaviour in conversation: constraints on the form of a reply that a program can check."""
