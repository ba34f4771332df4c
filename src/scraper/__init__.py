"""From a county's portal to facts in DuckDB.

``portals`` and ``fetching`` bring pages into ``archive``; ``documents`` turns an archived page into
paragraphs and grids; ``forms`` reads the statutory tables from them; ``store`` writes the database.
"""
