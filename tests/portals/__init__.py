"""The portal simulator: county portals as vendors build them, with their faults, on loopback.

Each module is one portal of ``shared/portals.md`` §6. It serves pages written for these tests, and says
in ``truth()`` which reports lie behind it and why some of them can't be had.
"""
