"""The whole dataset for others: Parquet, CSV, XLSX, a data dictionary, and what changed since before."""

from analysis.export.export import Exported, NotAnExport, NothingToExport, export

__all__ = ["Exported", "NotAnExport", "NothingToExport", "export"]
