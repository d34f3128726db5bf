"""Manifests that are made by code and committed: how they are written, and whether they are still what would be."""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
HEAD = "# Made by `{maker}` of {source}; change it there.\n"


class Dumper(yaml.SafeDumper):
    """Lists stand indented, as yamllint wants them; nothing is written as a reference."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """A text of several lines stays one to read: an expression, for example."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, as_lines)


def text_of(maker: str, source: str, documents: Iterable[Mapping[str, Any]]) -> str:
    dumped = yaml.dump_all(
        documents, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110, explicit_start=True
    )
    return HEAD.format(maker=maker, source=source) + dumped


def stale_of(files: Iterable[tuple[Path, str]]) -> list[Path]:
    return [path for path, text in files if not path.is_file() or path.read_text("utf-8") != text]


def write_or_check(
    maker: str, doc: str | None, files: Iterable[tuple[Path, str]], arguments: list[str]
) -> int:
    """The command line of a maker: each file and what must be in it. `--check` writes nothing."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--check", action="store_true", help="write nothing; status 1 where a file is stale")
    wanted = list(files)
    if parser.parse_args(arguments).check:
        old = stale_of(wanted)
        for path in old:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `python {maker}`\n")
        return 1 if old else 0
    for path, text in wanted:
        path.write_text(text, "utf-8")
    return 0
