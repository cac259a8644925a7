"""What a text in JSON looks like that is a date, a number …: the door takes it so, and the schema says so.

Without look-ahead, which some validators don't have.
"""

__all__ = [
    "AWARE",
    "COMPLEX",
    "DATE",
    "DECIMAL",
    "DURATION",
    "INTEGER_KEY",
    "MOMENT",
    "NAIVE",
    "TIME",
    "UUID",
]

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
_OFFSET = r"([Zz]|[+-][0-9]{2}:?[0-9]{2})"

DATE = f"^{_DAY}$"
MOMENT = f"^{_DAY}[Tt ]{_TIME}{_OFFSET}?$"
AWARE = f"^{_DAY}[Tt]{_TIME}{_OFFSET}$"
NAIVE = f"^{_DAY}[Tt ]{_TIME}$"
TIME = f"^{_TIME}{_OFFSET}?$"
DURATION = (
    r"^[-+]?P([0-9]+[YMWD]([0-9]+[MWD])?([0-9]+[WD])?([0-9]+D)?(T[0-9]+(\.[0-9]+)?[HMS]([0-9]+(\.[0-9]+)?[MS])?"
    r"([0-9]+(\.[0-9]+)?S)?)?|T[0-9]+(\.[0-9]+)?[HMS]([0-9]+(\.[0-9]+)?[MS])?([0-9]+(\.[0-9]+)?S)?)$"
)
DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_FLOAT = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
COMPLEX = f"^([+-]?{_FLOAT}|([+-]?{_FLOAT})?[+-]{_FLOAT}j|{_FLOAT}j)$"
INTEGER_KEY = r"^-?[0-9]+$"
UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
