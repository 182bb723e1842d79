"""Benchmarks: each module here measures one thing in its main() as ratios to a baseline of the same run."""
