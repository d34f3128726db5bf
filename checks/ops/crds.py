"""Holds custom resources against the definitions that their projects publish, as strictly as can be.

    crds.py SCHEMAS FILE...

SCHEMAS is a folder of CustomResourceDefinitions. A field that a definition does not know is an error here; the API
server would drop it in silence. Kinds without a definition are left to kubernetes-validate. Rules in CEL are not run.
Run by the Python of .venv-ops. Prints a line for each breach; status 1 if any.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator

Kind = tuple[str, str]
ANYTHING = "x-kubernetes-preserve-unknown-fields"


def main(arguments: list[str]) -> int:
    schemas = load_schemas(Path(arguments[0]))
    breaches = [line for name in arguments[1:] for line in check(Path(name), schemas)]
    for line in breaches:
        sys.stdout.write(line + "\n")
    return 1 if breaches else 0


def check(file: Path, schemas: Mapping[Kind, Draft4Validator]) -> Iterator[str]:
    groups = {api.partition("/")[0] for api, _ in schemas}
    for document in yaml.safe_load_all(file.read_text("utf-8")):
        if document is None:
            continue
        api, kind = document.get("apiVersion", ""), document.get("kind", "")
        name = document.get("metadata", {}).get("name", "?")
        validator = schemas.get((api, kind))
        if validator is not None:
            for error in sorted(validator.iter_errors(document), key=lambda e: list(map(str, e.path))):
                place = ".".join(map(str, error.absolute_path))
                yield f"{file.name}: {kind} {name}: {place}: {error.message}"
        elif api.partition("/")[0] in groups:
            yield f"{file.name}: {kind} {name}: no such kind in {api}"


def load_schemas(folder: Path) -> dict[Kind, Draft4Validator]:
    """A validator for each served version of each kind."""
    found = {}
    for file in sorted(folder.glob("*.yaml")):
        for definition in yaml.safe_load_all(file.read_text("utf-8")):
            group, kind = definition["spec"]["group"], definition["spec"]["names"]["kind"]
            for version in definition["spec"]["versions"]:
                if version["served"]:
                    schema = strict(version["schema"]["openAPIV3Schema"])
                    schema["properties"] |= {"metadata": {"type": "object"}}
                    found[f"{group}/{version['name']}", kind] = Draft4Validator(schema)
    return found


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema where only what it names is allowed. Not inside anyOf and its like, which name a part each."""
    made = dict(schema)
    if schema.get(ANYTHING):
        return made
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {name: strict(inner) for name, inner in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        made["items"] = strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = strict(schema["additionalProperties"])
    elif schema.get("type") == "object":
        made["additionalProperties"] = bool(schema.get("additionalProperties", False))
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
