"""What to write instead, for errors whose place in the compiler, or in mypy, knows nothing better."""

from __future__ import annotations

import re

_ADVICE = [
    (r"internal error", "the same in other words; the line makes the compiler fail, which is a bug of it"),
    (r'outside (function|loop)|"(break|continue|return|yield|await)" ', "the statement inside of a function or loop"),
    (r"not find implementation|library stub|has no attribute .* in module|^Module ", "a module of this program, or a name that it has"),
    (r"already defined|[Rr]edefin|Name .* is used before", "another name, defined before it is used"),
    (r"nonlocal|No binding", "a variable of the enclosing function"),
    (r"arguments? (for|to|in)|Missing positional|misses the argument", "the arguments that the definition names"),
    (r"Unexpected keyword|has no parameter|takes \d+ arguments", "the arguments that the definition names"),
    (r"missing a .*annotation|annotation for", "annotations for all parameters and the result"),
    (r"[Nn]eed type annotation", "NAME: TYPE = VALUE"),
    (r"Missing return", "a return on every way through the function"),
    (r"abstract", "a subclass that defines the abstract methods"),
    (r"supertype|overrid|Signature", "the signature that the base class has"),
    (r"not iterable|__iter__|__next__", "a list, another container or an iterator"),
    (r"hashable|__hash__", "a key that is an integer, a text, bytes, an enum, a tuple of those, or a class with __hash__"),
    (r"subscripted|indexable|sliced|unpack|values? for \d+ targets", "a container of that many items, or the items one by one"),
    (r"called|callable", "a function, a class, or an object with __call__"),
    (r"[Cc]annot assign|be assigned|Invalid assignment|[Rr]ead-only|no setter|frozen|be set", "a variable or attribute that may change"),
    (r"deleted", "del of a local variable, or of an item of a list or dict"),
    (r"shift", "a count from 0 to one less than the width"),
    (r"must not be zero", "a step that is not 0"),
    (r"[Oo]perand|operator|Ptr .* is not defined", "operands of one type that has the operator; u64(...) and its like convert"),
    (r"[Ii]ncompatible|does not convert|expected", "a value of the declared type, or another declaration"),
    (r"no attribute|no method|no __|is not known", "what the class or module defines"),
    (r"is not defined|undefined", "a name that is defined or imported above"),
    (r"overloaded|Any", "a precise annotation"),
    (r"[Ss]yntax|Expected|[Uu]nexpected|[Uu]nterminated|indent|Invalid|[Uu]nparenthesized|token|null bytes|leading zeros", "Python 3.11"),
]  # fmt: skip
_COMPILED = [(re.compile(pattern), advice) for pattern, advice in _ADVICE]


def advice_for(message: str) -> str:
    """The first that fits."""
    for pattern, advice in _COMPILED:
        if pattern.search(message):
            return advice
    return "code that mypy accepts and docs/dialect.md describes"


_RUNTIME = {
    "Str": "str", "List": "list", "Dict": "dict", "Set": "set", "Bytes": "bytes", "ByteArray": "bytearray", "MemoryView": "memoryview",
    "Deque": "deque", "Ref": "weakref.ref",
}  # fmt: skip
_CLASS = re.compile(r"\bscarlet\.runtime\.\w+\.(\w+)|\bbuiltins\.(?=\w)|^(" + "|".join(_RUNTIME) + r")(?= has no )")


def shown(message: str) -> str:
    """A message with the names that Python has for classes of the runtime."""
    return _CLASS.sub(lambda match: _RUNTIME.get(match.group(1) or match.group(2) or "", match.group(1) or ""), message)


WORDS = {
    "SuperExpr": "super() without a method call", "StarExpr": "a starred item here", "AwaitExpr": "await", "YieldExpr": "yield as a value",
    "YieldFromExpr": "yield from as a value", "SliceExpr": "a slice as a value", "RevealExpr": "reveal_type()",
    "NamedTupleExpr": "a named tuple",
    "TypedDictExpr": "a typed dict", "EnumCallExpr": "an enum made by a call", "TypeAliasExpr": "a type alias here",
    "TypeVarExpr": "a type variable here", "ParamSpecExpr": "ParamSpec", "TypeVarTupleExpr": "TypeVarTuple", "NewTypeExpr": "NewType here",
    "PromoteExpr": "a promotion", "TempNode": "a declaration without a value", "DictionaryComprehension": "a dict comprehension here",
    "LambdaExpr": "a lambda here", "IndexExpr": "a subscript here", "CallExpr": "a call here", "TupleExpr": "a tuple here",
}  # fmt: skip


def word_for(node: object) -> str:
    """What programmers call this kind of node."""
    name = type(node).__name__
    return WORDS.get(name, name.removesuffix("Expr").removesuffix("Stmt").lower())
