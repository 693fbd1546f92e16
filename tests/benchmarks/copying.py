"""Compare the copy with what else could be done. See README.md beside this file."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from tests.nedb import installation, oracle

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).with_name("peers.cjs")
INSERTS_MAX = 100_000
NODE = ("node", "--no-deprecation", "--max-old-space-size=8000")
SQLITE_UTILS = (sys.executable, "-m", "sqlite_utils", "insert")
SQLITE_OPTIONS = ("--nl", "--pk", "_id", "--replace", "--alter")


def program(name: str, folder: Path, target: Path) -> dict[str, float]:
    """Run one of our programs in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.programs", name, str(folder), str(target)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def peer(act: str, folder: Path, target: Path) -> dict[str, float]:
    """Run the real library on a copy, since loading rewrites the datafiles."""
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        copied = Path(scratch) / "datafiles"
        shutil.copytree(folder, copied)
        done = subprocess.run(
            [*NODE, str(PEERS), act, str(copied), scratch],
            env={**os.environ, "NEDB_MODULES": str(installation.libraries() / "node_modules")},
            capture_output=True,
            check=True,
        )
    return dict(json.loads(done.stdout))


def sqlite_utils(folder: Path, target: Path) -> dict[str, float]:
    """Insert the documents, index lines and tombstones taken out beforehand and not timed."""
    cleaned = []
    for path in sorted(folder.glob("*.db")):
        clean = target / f"{path.stem}.jsonl"
        with path.open("rb") as lines, clean.open("wb") as out:
            for line in lines:
                document = orjson.loads(line)
                if "_id" in document and "$$deleted" not in document:
                    out.write(line)
        cleaned.append(clean)
    began = time.perf_counter()
    for clean in cleaned:
        subprocess.run(
            [*SQLITE_UTILS, str(target / "peer.sqlite"), clean.stem, str(clean), *SQLITE_OPTIONS],
            check=True,
            capture_output=True,
        )
    return {"seconds": time.perf_counter() - began}


def one_round(folder: Path, documents: int) -> dict[str, dict[str, float]]:
    """Time every program once, one after the other."""
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch)
        figures = {
            "bare": program("bare", folder, target),
            "copy": program("copy", folder, target),
            "validation": program("validate", folder, target),
            "opens": peer("open", folder, target),
        }
        if documents <= INSERTS_MAX:
            figures["inserts"] = peer("insert", folder, target)
            figures["sqlite-utils"] = sqlite_utils(folder, target)
    return figures


def best(rounds: list[dict[str, dict[str, float]]], name: str, figure: str = "seconds") -> float:
    """Return the minimum over the rounds; not a number where it was not timed."""
    return min((r[name][figure] for r in rounds if name in r), default=float("nan"))


def report(documents: int, rounds: list[dict[str, dict[str, float]]]) -> None:
    only, copy = best(rounds, "copy", "documents"), best(rounds, "copy")
    print(f"\n{documents:,} documents, minimum of {len(rounds)} rounds")
    print(f"  documents {only:8.2f} s   {only / best(rounds, 'bare'):6.2f} of the bare loop")
    print(f"  copy      {copy:8.2f} s   {copy / best(rounds, 'opens'):6.2f} of NeDB opening")
    print(f"  validation/copy        {best(rounds, 'validation') / copy:8.2f}")
    print(f"  sqlite-utils/documents {best(rounds, 'sqlite-utils') / only:8.1f}")
    print(f"  NeDB inserting/copy    {best(rounds, 'inserts') / copy:8.1f}")
    print(f"  peak of the copy       {best(rounds, 'copy', 'peak_mb'):8.0f} MB")
    print(f"  a document             {1e6 * only / documents:8.2f} us (+ indexes: ", end="")
    print(f"{1e6 * (copy - only) / documents:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--folder", type=Path, action="append", help="datafiles that are there")
    options = parser.parse_args()
    for place, documents in enumerate(options.documents):
        with tempfile.TemporaryDirectory() as scratch:
            if options.folder:
                folder = options.folder[place]
            else:
                folder = Path(scratch)
                oracle.generate(folder, seed=1, documents=documents, kinds=["plain"])
            rounds = [one_round(folder, documents) for _ in range(options.rounds)]
            report(documents, rounds)


if __name__ == "__main__":
    main()
