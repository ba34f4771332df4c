"""The API described, as OpenAPI has it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from scraper.messages import Language

_COMMON = "lang"
_ANSWERS = {
    "200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}},
    "400": {"$ref": "#/components/responses/error"},
    "404": {"$ref": "#/components/responses/error"},
    "503": {"$ref": "#/components/responses/error"},
}
_DECISION = {
    "type": "object",
    "required": ["verdict", "name"],
    "properties": {
        "verdict": {"type": "string", "enum": ["confirmed", "dismissed", "open"]},
        "name": {"type": "string", "maxLength": 100},
        "note": {"type": "string", "maxLength": 4000},
    },
}
_ERROR = {
    "description": "error",
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
        }
    },
}


@cache
def table() -> dict[str, Any]:
    """The addresses and their parameters, as ``endpoints.toml`` has them."""
    return tomllib.loads((files(__package__) / "endpoints.toml").read_text(encoding="utf-8"))


def openapi(language: Language, title: str, deciding: str) -> dict[str, Any]:
    """The OpenAPI document; ``deciding`` says what sending a decision does."""
    paths: dict[str, Any] = {}
    for name, entry in table()["endpoint"].items():
        paths[f"/api{entry['path']}"] = {
            "get": {
                "operationId": name,
                "summary": entry[language],
                "parameters": [_parameter(one, language) for one in (*entry["parameters"], _COMMON)],
                "responses": _ANSWERS,
            }
        }
    paths["/api/findings/{finding}/decisions"] = {
        "post": {
            "operationId": "decide",
            "summary": deciding,
            "parameters": [_parameter(one, language) for one in ("finding", _COMMON)],
            "requestBody": {"required": True, "content": {"application/json": {"schema": _DECISION}}},
            "security": [{}, {"token": []}],
            "responses": _ANSWERS | {"403": {"$ref": "#/components/responses/error"}},
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("nianbao")},
        "paths": paths,
        "components": {
            "responses": {"error": _ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _parameter(name: str, language: Language) -> dict[str, Any]:
    entry = table()["parameter"][name]
    place, schema = entry.get("in", "query"), entry["schema"]
    if entry.get("repeated"):
        schema = {"type": "array", "items": schema}
    return {
        "name": entry.get("name", name),
        "in": place,
        "required": place == "path" or entry.get("required", False),
        "description": entry[language],
        "schema": schema,
    }
