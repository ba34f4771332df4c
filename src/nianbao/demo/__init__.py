"""Sample portals of three counties, served on this machine for the ordinary crawler to crawl.

The portals imitate how portals behave; their pages were written for this package. Figures come from
``figures.toml``, which says what is real and what is invented; every page says the same at its top.
"""

from nianbao.demo.samples import SampleReport, sample_portals, sample_reports
from nianbao.demo.server import SamplePortals

__all__ = ["SamplePortals", "SampleReport", "sample_portals", "sample_reports"]
