"""Benchmarks: commands that measure and print a table. Nothing here asserts a speed."""
