"""Runs a notebook's cells one after another, without Jupyter: python3 run-notebook.py FILE.ipynb"""

import importlib.util
import json
import sys


def main(path):
    if importlib.util.find_spec("numpy") is None:
        sys.exit(f"{path}: needs NumPy")
    with open(path, encoding="utf-8") as file:
        notebook = json.load(file)
    names = {"__name__": "__main__"}
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] != "code":
            continue
        # A traceback then says which cell failed.
        exec(compile("".join(cell["source"]), f"{path}, cell {number}", "exec"), names)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
