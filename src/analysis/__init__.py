"""Reads the DuckDB database of a workspace: findings, comparisons, trends."""
