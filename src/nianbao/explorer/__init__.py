"""The explorer: pages, downloads and a JSON API over a workspace, for people who use no terminal."""
