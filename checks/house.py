"""House rules that no linter knows, over the committed files. Prints a line for each breach; status 1 if any.

environment   only settings.py reads the environment, so that every variable is known, checked and masked
sizes         no module is longer than 300 lines
places        nothing committed names a path of somebody's machine or a private package registry
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

MOST_LINES = 300
SOURCES = ("services/", "schemas/", "checks/")
READS_ENVIRONMENT = "services/exportwatch/settings.py"
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}
# Written apart, so that this file does not name what it forbids.
FOLDERS = "|".join(("work", "root", "farm", "home", "Users"))
MACHINE_PATH = re.compile(rf"(?<![\w.$~)}}-])/(?:{FOLDERS})/[A-Za-z.]")
INDEX_OPTION = re.compile(r"--(?:extra-)?index-url|--trusted-host|--find-links|index-url\s*=")
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org", "repo.maven.apache.org", "registry.npmjs.org"}

Check = Callable[[Path, str], Iterator[str]]


def main(root: Path) -> int:
    breaches = [line for check in (environment, sizes, places) for line in over(root, check)]
    for line in breaches:
        sys.stdout.write(line + "\n")
    return 1 if breaches else 0


def over(root: Path, check: Check) -> Iterator[str]:
    """The breaches of one check in the committed text files under `root`."""
    for name in committed(root):
        path = root / name
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        yield from check(Path(name), text)


def committed(root: Path) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name]


def environment(path: Path, text: str) -> Iterator[str]:
    """Reading variables of the process anywhere but in settings.py."""
    place = path.as_posix()
    if path.suffix != ".py" or not place.startswith(SOURCES) or place == READS_ENVIRONMENT:
        return
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name("os"), attr=attribute) if attribute in ENVIRONMENT:
                yield f"{path}:{node.lineno}: reads the environment (os.{attribute}); only settings.py may"
            case ast.ImportFrom(module="os", names=names):
                for name in (alias.name for alias in names if alias.name in ENVIRONMENT):
                    yield f"{path}:{node.lineno}: reads the environment ({name}); only settings.py may"


def sizes(path: Path, text: str) -> Iterator[str]:
    """Modules that are too long to be read in one go."""
    lines = text.count("\n")
    if path.suffix == ".py" and path.as_posix().startswith(SOURCES) and lines > MOST_LINES:
        yield f"{path}: {lines} lines; a module has at most {MOST_LINES}"


def places(path: Path, text: str) -> Iterator[str]:
    """Paths of a machine, and addresses of registries other than the public ones."""
    private = private_hosts()
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: names a path of somebody's machine"
        if INDEX_OPTION.search(line) and path.as_posix() != "checks/house.py":
            yield f"{path}:{number}: names a package index"
        for host in private:
            if host in line:
                yield f"{path}:{number}: names a private package registry"


@cache
def private_hosts() -> frozenset[str]:
    """The registries that this machine's pip is set to, without the public ones."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    found = re.findall(r"//(?:[^@/'\s]*@)?([^/:'\s]+)", asked.stdout)
    return frozenset(found) - PUBLIC_HOSTS


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[1]))
