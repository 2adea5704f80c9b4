"""What the library's checks found, in grading: believed where this run's secret has signed it.

The secret is known to the door and to `inside/seal.ts`, which lends the checks a way to sign. So neither what a
cell prints or shows nor what it writes into the pipe counts as points.
"""

import hashlib
import hmac

from .messages import Json

RECORD = "tessera_record"
# `inside/seal.ts` writes the same fields in the same order, a line each.
_FIELDS = ("count", "task", "outcome", "points", "bonus")


class Records:
    """`secret` is this run's; without one nothing is believed."""

    def __init__(self, secret: bytes | None) -> None:
        self._secret = secret
        self._count = 0

    def judge(self, note: Json) -> Json:
        """What to tell the client: a check's record, or that somebody made one up."""
        text, seal = str(note.get("record")), str(note.get("seal"))
        if not self._secret or not hmac.compare_digest(self._sign(text), seal):
            return {"forged": True}
        values = dict(zip(_FIELDS, text.split("\n")))
        # One that was held back, or sent twice, counts no more.
        if int(values["count"]) <= self._count:
            return {"forged": True}
        self._count = int(values["count"])
        return {
            "task": values["task"],
            "outcome": values["outcome"],
            "points": float(values["points"]) if values["points"] else None,
            "bonus": float(values["bonus"]),
        }

    def _sign(self, text: str) -> str:
        assert self._secret
        return hmac.new(self._secret, text.encode("utf-16-le"), hashlib.sha256).hexdigest()
