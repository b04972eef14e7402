"""The DuckDB file: schema, loading, reading. The only package that imports duckdb."""
