"""What a form is made of: their own module describes a schema, in the browser that runs it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page
from pydantic import BaseModel, Field, SecretStr, TypeAdapter
from tests.browser.site import Site

_TOLD = """
  const details = ["input", "isLong", "isWhole", "least", "most", "values", "names", "group"];
  const named = (field, names) => names.filter((name) => field[name]);
  const told = (field) => Object.fromEntries(
    named(field, ["kind", "label", ...details]).map((name) => [name, field[name]]));
  const flags = (field) => named(field, ["required", "nullable", "secret", "hasDefault"]);
"""


@pytest.fixture
def site(site_of_file: Site) -> Site:
    return site_of_file


def ask(site: Site, page: Page, schema: Any, code: str) -> Any:
    """What `code` returns of `form`, the description of a schema."""
    page.goto(f"{site.pages}theme.js")
    start = (
        f"const {{ formOf }} = await import('{site.pages}lib/schema.js'); const form = formOf({json.dumps(schema)});"
    )
    return page.evaluate(f"async () => {{ {_TOLD} {start} {code} }}")


def member(schema: Any, required: bool = True, **definitions: Any) -> dict[str, Any]:
    """The schema of an object with one member."""
    named = {"type": "object", "properties": {"one": schema}, "$defs": definitions}
    return named | {"required": ["one"] if required else []}


def test_each_kind_of_schema_has_its_control(site: Site, page: Page) -> None:
    schemas: dict[str, Any] = {
        "text": {"type": "string", "maxLength": 20},
        "long": {"type": "string", "maxLength": 2000},
        "moment": {"type": "string", "format": "date-time"},
        "token": {"type": "string", "writeOnly": True, "maxLength": 2000},
        "whole": {"type": "integer", "minimum": 0},
        "number": {"type": "number", "maximum": 1.5},
        "yes": {"type": "boolean"},
        "maybe": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        "one": {"const": 7},
        "some": {"enum": ["a", 2]},
        "other": {"oneOf": [{"const": "a"}, {"const": "b"}]},
        "list": {"type": "array", "items": {"type": "string"}},
        "checks": {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "object": {"type": "object", "properties": {}},
        "mixed": {"type": "object", "properties": {}, "additionalProperties": {"type": "integer"}},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "perhaps": {"type": ["array", "null"], "items": {}},
        "anything": {},
    }
    found = ask(site, page, {"type": "object", "properties": schemas}, "return form.members.map(told);")
    assert found == [
        {"kind": "text", "label": "Text", "input": "text"},
        {"kind": "text", "label": "Long", "input": "text", "isLong": True},
        {"kind": "text", "label": "Moment", "input": "datetime-local"},
        {"kind": "text", "label": "Token", "input": "password"},
        {"kind": "number", "label": "Whole", "isWhole": True, "least": "0"},
        {"kind": "number", "label": "Number", "most": "1.5"},
        {"kind": "switch", "label": "Yes"},
        {"kind": "choice", "label": "Maybe", "values": [True, False], "names": ["Yes", "No"]},
        {"kind": "choice", "label": "One", "values": [7], "names": ["7"]},
        {"kind": "choice", "label": "Some", "values": ["a", 2], "names": ["a", "2"]},
        {"kind": "choice", "label": "Other", "values": ["a", "b"], "names": ["a", "b"]},
        {"kind": "list", "label": "List"},
        {"kind": "checks", "label": "Checks", "values": ["a", "b"], "names": ["a", "b"]},
        {"kind": "tuple", "label": "Pair"},
        {"kind": "map", "label": "Map"},
        {"kind": "object", "label": "Object"},
        {"kind": "json", "label": "Mixed"},
        {"kind": "union", "label": "Either"},
        {"kind": "optional", "label": "Perhaps", "group": "list"},
        {"kind": "json", "label": "Anything"},
    ]


class Login(BaseModel):
    """How to sign in."""

    user_name: str
    secretText: SecretStr | None = Field(None, title="Pass phrase")


def test_references_nulls_titles_and_secrets_of_pydantic(site: Site, page: Page) -> None:
    schema = member(TypeAdapter(Login | None).json_schema(ref_template="#/$defs/{model}"), False)
    schema["$defs"] = schema["properties"]["one"].pop("$defs")
    code = "const all = (field) => [field.label, field.hint, field.kind, flags(field)];"
    code += "const [one] = form.members; return [all(one), all(one.inner), ...one.inner.members.map(all)];"
    assert ask(site, page, schema, code) == [
        ["One", "How to sign in.", "optional", ["nullable"]],
        ["One", "How to sign in.", "object", ["required"]],
        ["User name", "", "text", ["required"]],
        ["Pass phrase", "", "text", ["nullable", "secret", "hasDefault"]],
    ]


def test_the_parts_of_groups(site: Site, page: Page) -> None:
    text, number = {"type": "string"}, {"type": "integer", "writeOnly": True}
    code = "const [one] = form.members; const all = (field) => [field.key, field.label, field.kind, flags(field)];"
    pair = member({"type": "array", "prefixItems": [text, number]})
    assert ask(site, page, pair, f"{code} return one.members.map(all);") == [
        ["0", "One 1", "text", ["required"]],
        ["1", "One 2", "number", ["required", "secret"]],
    ]
    secrets = member({"type": "object", "additionalProperties": text, "writeOnly": True})
    assert ask(site, page, secrets, f"{code} return all(one.entry);") == ["", "Value", "text", ["required", "secret"]]
    items = member({"type": "array", "items": text, "minItems": 2})
    found = ask(site, page, items, f"{code} return [one.least, all(one.item(3))];")
    assert found == [
        2,
        ["", "One 3", "text", ["required"]],
    ]


def test_which_shape_a_value_has(site: Site, page: Page) -> None:
    shapes = [
        {"type": "object", "title": "Cat", "properties": {"kind": {"const": "cat"}}, "required": ["kind"]},
        {"type": "object", "title": "Dog", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]},
        *({"type": name} for name in ("number", "string", "array", "boolean")),
    ]
    values: list[Any] = [{"kind": "dog"}, {"kind": "cat"}, 3, 1.5, "a", [], True, None]
    code = "const [one] = form.members; const names = one.options.map((option) => option.label);"
    code += f"return [names, {json.dumps(values)}.map((value) => one.optionOf(value))];"
    names = ["Cat", "Dog", "number", "text", "list", "yes or no"]
    assert ask(site, page, member({"anyOf": shapes}), code) == [names, [1, 0, 2, 2, 3, 4, 5, -1]]


def test_a_schema_of_itself_ends_as_json(site: Site, page: Page) -> None:
    tree = {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "right": {"$ref": "#/$defs/tree"}}}
    code = "const kinds = []; for (let at = form; at; at = at.kind === 'object' && at.members[0]) kinds.push(at.kind);"
    code += " return kinds;"
    assert ask(site, page, member({"$ref": "#/$defs/tree"}, tree=tree), code) == ["object"] * 7 + ["json"]
