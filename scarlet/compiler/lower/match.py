"""match: literals, enum members, classes, sequences, or-patterns, captures and guards."""

from __future__ import annotations

from mypy import nodes as n
from mypy import patterns as p

from scarlet.compiler import ir
from scarlet.compiler.classes import is_dataclass
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import values
from scarlet.compiler.lower.builtins import instance_test
from scarlet.compiler.lower.conditions import condition
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.conversions import is_none, narrow
from scarlet.compiler.lower.members import attribute_of, class_reference
from scarlet.compiler.types import BOOL, INT, ObjectType, OptionalType, TupleType


def lower_match(low: Lowerer, node: n.MatchStmt) -> None:
    if isinstance(node.subject, n.TupleExpr):
        subject = low.expr(node.subject)
    else:
        subject = low.stable(low.expr(node.subject))
    end = low.new_block("endmatch")
    for pattern, guard, body in zip(node.patterns, node.guards, node.bodies):
        if low.dead:
            break
        matched, onward = low.new_block("case"), low.new_block("nextcase")
        low.line = body.body[0].line if body.body else node.line
        if pattern.line > 0:
            low.line = pattern.line
        test(low, subject, pattern, onward)
        if guard is not None:
            condition(low, guard, matched, onward)
        else:
            low.goto(matched)
        low.start(matched)
        low.body(body)
        low.goto(end)
        low.start(onward)
    low.goto(end)
    low.start(end)


def test(low: Lowerer, subject: Operand, pattern: p.Pattern, fail: ir.Block) -> None:
    """Go on when the pattern matches (its captures bound), else to `fail`."""
    if isinstance(pattern, p.AsPattern):
        capture(low, subject, pattern, fail)
    elif isinstance(pattern, p.ValuePattern):
        require(low, values.equals(low, subject, low.expr(pattern.expr, subject.type)), fail)
    elif isinstance(pattern, p.SingletonPattern):
        if pattern.value is None:
            require(low, is_none(low, subject), fail)
        else:
            require(low, values.equals(low, subject, Imm(bool(pattern.value), BOOL)), fail)
    elif isinstance(pattern, p.OrPattern):
        alternatives(low, subject, pattern, fail)
    elif isinstance(pattern, p.SequencePattern):
        sequence(low, subject, pattern, fail)
    elif isinstance(pattern, p.ClassPattern):
        class_pattern(low, subject, pattern, fail)
    else:
        raise low.refuse("this pattern is outside the dialect", "if statements", pattern)


def require(low: Lowerer, flag: Operand, fail: ir.Block) -> None:
    onward = low.new_block("matches")
    low.branch(flag, onward, fail)
    low.start(onward)


def capture(low: Lowerer, subject: Operand, pattern: p.AsPattern, fail: ir.Block) -> None:
    if pattern.pattern is not None:
        inner = pattern.pattern
        test(low, subject, inner, fail)
        if isinstance(inner, p.ClassPattern):
            subject = narrowed_subject(low, subject, inner)
    if pattern.name is not None:
        from scarlet.compiler.lower.assignments import assign_name

        known = low.maybe_type_of(pattern.name)
        value = narrow(low, subject, known) if known is not None else subject
        assign_name(low, pattern.name, value)


def alternatives(low: Lowerer, subject: Operand, pattern: p.OrPattern, fail: ir.Block) -> None:
    matched = low.new_block("either")
    for index, inner in enumerate(pattern.patterns):
        last = index + 1 == len(pattern.patterns)
        onward = fail if last else low.new_block("or")
        test(low, subject, inner, onward)
        low.goto(matched)
        if not last:
            low.start(onward)
    low.start(matched)


def sequence(low: Lowerer, subject: Operand, pattern: p.SequencePattern, fail: ir.Block) -> None:
    if any(isinstance(item, p.StarredPattern) for item in pattern.patterns):
        raise low.refuse("a starred pattern is outside the dialect", "a pattern of fixed length", pattern)
    kind = subject.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        require(low, values.negated(low, is_none(low, subject)), fail)
        subject = unwrap(low, subject, kind)
        kind = subject.type
    if isinstance(kind, TupleType):
        if len(kind.items) != len(pattern.patterns):
            low.goto(fail)
            low.start(low.new_block("never"))
            return
        for index, inner in enumerate(pattern.patterns):
            test(low, low.tuple_get(subject, index), inner, fail)
        return
    if isinstance(kind, ObjectType) and kind.cls.name.startswith("scarlet.runtime.list.List["):
        size = low.coerce(low.method(subject, "__len__"), INT)
        require(low, low.prim("eq", [size, Imm(len(pattern.patterns), INT)], BOOL), fail)
        for index, inner in enumerate(pattern.patterns):
            test(low, low.method(subject, "__getitem__", Imm(index, INT)), inner, fail)
        return
    raise low.refuse(f"a sequence pattern does not match a {kind}", "a tuple or list", pattern)


def narrowed_subject(low: Lowerer, subject: Operand, pattern: p.ClassPattern) -> Operand:
    """The subject as the class of a class pattern."""
    kind = subject.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        subject = unwrap(low, subject, kind)
        kind = subject.type
    info = class_reference(pattern.class_ref)
    if info is None or not isinstance(kind, ObjectType):
        return subject
    if any(cls.info is info for cls in kind.cls.ancestors()):
        return subject
    if info.type_vars:
        known = low.program.checked.types.get(pattern.class_ref)
        found = [cls for (name, _), cls in low.program.classes.items() if name == info.fullname and cls.derives(kind.cls)]
        if len(found) != 1:
            raise low.refuse(f"the type arguments of {info.name} are not known here", "isinstance", pattern)
        assert known is None or known
        return narrow(low, subject, ObjectType(found[0]))
    return narrow(low, subject, low.program.class_of(info, ()).type)


def class_pattern(low: Lowerer, subject: Operand, pattern: p.ClassPattern, fail: ir.Block) -> None:
    info = class_reference(pattern.class_ref)
    if info is None:
        raise low.refuse("a class pattern needs a class", "", pattern)
    require(low, instance_test(low, subject, [info], pattern), fail)
    if info.fullname.startswith("builtins.") and pattern.positionals:
        test(low, narrowed_subject(low, subject, pattern), pattern.positionals[0], fail)
        return
    inner = narrowed_subject(low, subject, pattern)
    names = match_args(low, inner, len(pattern.positionals)) if pattern.positionals else []
    for name, item in zip(names, pattern.positionals):
        test(low, attribute_of(low, inner, name), item, fail)
    for name, item in zip(pattern.keyword_keys, pattern.keyword_values):
        test(low, attribute_of(low, inner, name), item, fail)


def match_args(low: Lowerer, subject: Operand, count: int) -> list[str]:
    """The attribute names of positional patterns: __match_args__, or a dataclass's fields."""
    kind = subject.type
    if isinstance(kind, ObjectType):
        given = low.program.class_values.get(kind.cls.info.fullname, {}).get("__match_args__")
        if isinstance(given, n.TupleExpr):
            return [item.value for item in given.items if isinstance(item, n.StrExpr)][:count]
        if is_dataclass(kind.cls.info):
            from scarlet.compiler.lower.dataclasses import members

            return [item.name for item in members(low.program, kind.cls) if item.init and not item.kw_only][:count]
    raise low.refuse("positional class patterns need a dataclass or __match_args__", "keyword patterns")
