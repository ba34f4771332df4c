"""The API: its addresses and what they take."""

from __future__ import annotations

from nianbao.explorer.api.describing import table
from nianbao.explorer.asked import Asked, Page, Sheet
from nianbao.records import Column


def api(asked: Asked) -> Page:
    """The addresses of the JSON API."""
    parameters = table()["parameter"]
    found = [
        {
            "path": f"/api{entry['path']}",
            "what": entry[asked.language],
            "parameters": ", ".join(parameters[one].get("name", one) for one in entry["parameters"]),
        }
        for entry in table()["endpoint"].values()
    ]
    columns = [Column(key, asked.said(f"api_{key}")) for key in ("path", "what", "parameters")]
    return Page(
        "api.html", asked.said("api"), {}, [Sheet("api", asked.said("api"), found, columns, head="path")]
    )
