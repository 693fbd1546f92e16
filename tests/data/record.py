"""Records what the real library answers: ``python -m tests.data.record``. Needs Node.

Each file under datafiles/ is one behaviour: the bytes of a datafile (as Latin-1 text) and the
library's documents in canonical form, lines and corrupt lines, and whether it refused the file.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.data.behaviours import BEHAVIOURS
from tests.nedb import oracle

FOLDER = Path(__file__).with_name("datafiles")


def contents():
    """Return every datafile to ask about, by the name of its behaviour."""
    found = dict(BEHAVIOURS)
    with tempfile.TemporaryDirectory() as folder:
        for made in oracle.generate(Path(folder), seed=7, documents=25):
            found[f"written-by-the-library-{made.path.stem}"] = made.path.read_bytes()
    return found


def answer_for(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "things.db")
        path.write_bytes(content)
        dump = oracle.dump(path)
    return {
        "refused": dump.refused,
        "lines": dump.summary["lines"],
        "corrupt": dump.summary["corrupt"],
        "documents": dump.documents,
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.glob("*.json"):
        stale.unlink()
    for name, content in contents().items():
        answer = {"datafile": content.decode("latin-1"), "library": answer_for(content)}
        text = json.dumps(answer, indent=1, ensure_ascii=True)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="ascii")
    sys.stdout.write(f"{len(contents())} datafiles recorded\n")


if __name__ == "__main__":
    main()
