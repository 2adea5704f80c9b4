"""The inputs of this session, as front ends ask for them."""

from fnmatch import fnmatchcase

from .messages import Json


class History:
    def __init__(self) -> None:
        self._inputs: list[tuple[int, str]] = []

    def add(self, count: int, code: str) -> None:
        self._inputs.append((count, code))

    def answer(self, request: Json) -> Json:
        found = self._inputs
        kind = request.get("hist_access_type", "tail")
        if kind == "range":
            start, stop = _number(request.get("start")) or 1, _number(request.get("stop"))
            found = [each for each in found if each[0] >= start and (stop is None or each[0] < stop)]
        elif kind == "search":
            pattern = str(request.get("pattern") or "*")
            found = [each for each in found if fnmatchcase(each[1], pattern)]
            if request.get("unique"):
                found = list({code: (count, code) for count, code in found}.values())
        if kind != "range" and (most := _number(request.get("n"))):
            found = found[-most:]
        entries = [
            (0, count, (code, None) if request.get("output") else code) for count, code in found
        ]
        return {"status": "ok", "history": entries}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
