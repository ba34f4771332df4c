"""The JSON API: the queries of the command and of the pages, for programs."""
