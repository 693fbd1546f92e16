"""What a copy told of the lines of one datafile."""

GOOD = b'{"_id":"good"}\n'
LINE_SEPARATORS = [b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85"]


def told(move):
    return {(i.line.reason, i.line.document_id, i.line.raw) for i in move.items()}


def ledger_of(move):
    """Return the ledger's counts, having checked that they add up."""
    ledger = move.ledger()
    assert ledger.is_balanced
    counts = ledger.counts
    return {
        "lines": ledger.lines,
        "live": ledger.live,
        "superseded": ledger.superseded,
        "tombstones": counts.tombstones,
        "index_lines": counts.index_lines,
        "blank": counts.blank,
        "quarantined": ledger.quarantined,
        "tail": ledger.tail,
    }


def counts(**given):
    names = ("lines", "live", "superseded", "tombstones", "index_lines", "blank", "quarantined")
    return dict.fromkeys((*names, "tail"), 0) | given
