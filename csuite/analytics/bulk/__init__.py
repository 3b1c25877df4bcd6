"""Offline bulk: questions that a program leaves behind, answered by a worker, each exactly once."""
