"""The command that joins the scraper and the analysis."""
