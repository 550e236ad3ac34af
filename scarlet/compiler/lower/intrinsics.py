"""The intrinsics of scarlet.lang.raw: most are one primitive operation (emit/primitives.py)."""
# ruff: noqa: E501  (C text and tables)

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler import dispatch, ir
from scarlet.compiler.constants import constant
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.members import class_reference
from scarlet.compiler.types import (
    BOOL,
    I64,
    INT,
    NONE,
    U8,
    U16,
    U32,
    U64,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
)

SIMPLE: dict[str, tuple[tuple[Type, ...], Type]] = {
    "fence": ((), NONE), "fence_io": ((), NONE), "fence_i": ((), NONE), "sfence_vma_all": ((), NONE), "sfence_vma": ((U64, U64), NONE),
    "sfence_vma_address": ((U64,), NONE), "sfence_vma_asid": ((U64,), NONE), "wfi": ((), NONE), "rdtime": ((), U64), "rdcycle": ((), U64),
    "rdinstret": ((), U64), "compiler_barrier": ((), NONE), "frame_pointer": ((), U64), "return_address": ((), U64), "stack_pointer": ((), U64),
    "hart_pointer": ((), U64), "set_hart_pointer": ((U64,), NONE), "likely": ((BOOL,), BOOL), "unlikely": ((BOOL,), BOOL), "resurrect_weak": ((U64,), BOOL),
    "mmio_read8": ((U64,), U8), "mmio_read16": ((U64,), U16), "mmio_read32": ((U64,), U32), "mmio_read64": ((U64,), U64),
    "mmio_write8": ((U64, U8), NONE), "mmio_write16": ((U64, U16), NONE), "mmio_write32": ((U64, U32), NONE), "mmio_write64": ((U64, U64), NONE),
    "load8": ((U64,), U8), "load16": ((U64,), U16), "load32": ((U64,), U32), "load64": ((U64,), U64),
    "store8": ((U64, U8), NONE), "store16": ((U64, U16), NONE), "store32": ((U64, U32), NONE), "store64": ((U64, U64), NONE),
}  # fmt: skip
"""Name -> parameter types and result, all by value."""

CSR = {"csr_read": U64, "csr_write": NONE, "csr_set": NONE, "csr_clear": NONE, "csr_swap": U64, "csr_read_set": U64, "csr_read_clear": U64}
OBJECTS = {"address": U64, "incref": NONE, "decref": NONE, "refcount": U64, "make_immortal": NONE, "mark_weak": NONE}
MEMORY = {"memcpy", "memmove", "memset", "memcmp"}
ATOMICS = {"atomic_load", "atomic_store", "atomic_swap", "atomic_add", "atomic_or", "atomic_and", "atomic_compare_swap"}


def intrinsic(low: Lowerer, name: str, node: n.CallExpr, want: Type | None) -> Operand:
    """Lower a call of scarlet.lang.raw.<name>."""
    if name == "Ptr":
        kind = want if isinstance(want, PointerType) else low.type_of(node)
        assert isinstance(kind, PointerType)
        return make_pointer(low, kind, node)
    if name in SIMPLE:
        kinds, result = SIMPLE[name]
        return low.prim(name, [low.expr_as(arg, kind) for arg, kind in zip(node.args, kinds)], result)
    if name in CSR:
        return low.prim(name, [low.expr_as(arg, U64) for arg in node.args[1:]], CSR[name], literal(low, node.args[0]))
    if name in OBJECTS:
        return low.prim(name, [low.expr(node.args[0])], OBJECTS[name])
    if name in MEMORY:
        return memory(low, name, node)
    if name in ATOMICS:
        return atomic(low, name, node)
    handler = SPECIAL.get(name)
    if handler is None:
        raise low.refuse(f"raw.{name} is not known to the compiler", "", node)
    return handler(low, node, want)


def literal(low: Lowerer, node: n.Expression) -> str:
    value = constant(low.program, node)
    if not isinstance(value, str):
        raise low.refuse("this argument must be a literal", "", node)
    return value


def memory(low: Lowerer, name: str, node: n.CallExpr) -> Operand:
    args: list[Operand] = []
    for arg in node.args[:2]:
        if isinstance(arg, n.CallExpr) and isinstance(arg.callee, n.RefExpr) and arg.callee.fullname == "scarlet.lang.raw.Ptr":
            args.append(low.expr(arg, PointerType(U8)))
        else:
            args.append(low.expr(arg))
    if name == "memset":
        args[1] = low.coerce(args[1], INT)
    args.append(low.expr_as(node.args[2], U64))
    return low.prim(name, args, INT if name == "memcmp" else NONE)


def atomic(low: Lowerer, name: str, node: n.CallExpr) -> Operand:
    target = low.expr(node.args[0])
    assert isinstance(target.type, PointerType)
    kind = target.type.item
    args = [target, *(low.expr_as(arg, kind) for arg in node.args[1:])]
    result = {"atomic_store": NONE, "atomic_compare_swap": BOOL}.get(name, kind)
    return low.prim(name, args, result)


def make_pointer(low: Lowerer, kind: PointerType, node: n.CallExpr) -> Operand:
    """Ptr[T](address)"""
    from scarlet.compiler.lower.conversions import wrap_int

    value = low.expr(node.args[0], U64)
    if isinstance(value, Imm):
        return Imm(U64.wrap(int(value.value or 0)), kind)
    return low.prim("retype", [wrap_int(low, value, U64) if isinstance(value.type, IntType) else value], kind)


def pointer_method(low: Lowerer, receiver: Operand, name: str, node: n.CallExpr) -> Operand:
    """p.init(i, v), p.take(i), p.drop(i)"""
    kind = receiver.type
    assert isinstance(kind, PointerType)
    index = low.stable(low.expr_as(node.args[0], INT))
    if name == "take":
        return low.prim("ptr_take", [receiver, index], kind.item)
    if name == "drop":
        if kind.item.counted:
            low.prim("ptr_drop", [receiver, index], NONE)
        return Imm(None, NONE)
    if name == "init":
        low.prim("ptr_init", [receiver, index, low.expr_as(node.args[1], kind.item)], NONE, steal=(2,))
        return Imm(None, NONE)
    raise low.refuse(f"Ptr.{name} is not known", "", node)


def class_argument(low: Lowerer, node: n.Expression, call: n.CallExpr) -> Type:
    """The class of a `kind: type[T]` argument; a type variable or generic class through the result type."""
    info = class_reference(node)
    if isinstance(node, n.IndexExpr) and isinstance(node.analyzed, n.TypeApplication) and info is not None:
        return low.program.class_of(info, tuple(low.convert_type(item) for item in node.analyzed.types)).type
    if info is not None and not info.type_vars:
        if info.fullname.startswith("scarlet.lang.ints.") or info.fullname == "builtins.int":
            from scarlet.compiler.types import SIZED

            return SIZED.get(info.name, INT)
        return low.program.class_of(info, ()).type
    return low.type_of(call)


def sizeof(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    kind = class_argument(low, node.args[0], node)
    if isinstance(kind, IntType):
        return Imm(kind.bits // 8, INT)
    return Imm(8, INT)


def from_address(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.prim("from_address", [low.expr_as(node.args[1], U64)], class_argument(low, node.args[0], node))


def adopt(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.prim("adopt", [low.expr_as(node.args[1], U64)], class_argument(low, node.args[0], node))


def release_to_address(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.prim("release_to_address", [low.expr(node.args[0])], U64, steal=(0,))


def unchecked_cast(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    kind = class_argument(low, node.args[0], node)
    value = low.expr(node.args[1])
    if not kind.pointer:
        return low.coerce(value, kind)
    return low.prim("cast", [value], kind, borrow=value)


def allocate_trailing(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    kind = class_argument(low, node.args[0], node)
    assert isinstance(kind, ObjectType)
    dispatch.construct(low.program, kind.cls)
    extra = low.expr_as(node.args[1], U64)
    dst = low.temp(kind)
    low.emit(ir.Allocate(dst, kind.cls, extra, low.program.function_named("scarlet.runtime.heap.out_of_memory"), low.exception_target()))
    return dst


def payload(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.prim("payload", [low.expr(node.args[0])], PointerType(U8))


def text_of(name: str) -> Callable[..., Operand]:
    def lower(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
        return low.prim(name, [low.expr(node.args[0])], low.str_type)

    return lower


def raise_line(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    base = low.program.exception_class("BaseException")
    return low.prim("site_line", [low.get_field(low.expr(node.args[0]), base, "raise_site")], INT)


def raise_file(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    base = low.program.exception_class("BaseException")
    return low.prim("site_file", [low.get_field(low.expr(node.args[0]), base, "raise_site")], low.str_type)


def same_class(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.prim("same_class", [low.stable(low.expr(node.args[0])), low.expr(node.args[1])], BOOL)


def less(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    from scarlet.compiler.lower.values import order

    return order(low, "<", low.stable(low.expr(node.args[0])), low.expr(node.args[1]))


def symbol(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.prim("symbol", [], U64, literal(low, node.args[0]))


def address_of(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    target = node.args[0]
    node_symbol = target.node if isinstance(target, n.RefExpr) else None
    if isinstance(node_symbol, n.Decorator):
        node_symbol = node_symbol.func
    if not isinstance(node_symbol, n.FuncDef):
        raise low.refuse("address_of needs a module-level function", "", node)
    function = low.program.function_of(node_symbol, None, {})
    dst = low.temp(U64)
    low.emit(ir.FunctionAddress(dst, function))
    return dst


def unreachable(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    low.emit(ir.Unreachable())
    return Imm(None, NONE)


def trap(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    low.prim("trap", [], NONE)
    low.emit(ir.Unreachable())
    return Imm(None, NONE)


def run_initialisers(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
    return low.prim("run_initialisers", [], NONE)


def system_call(name: str, result: Type) -> Callable[..., Operand]:
    def lower(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
        args = [low.expr_as(arg, U64) for arg in node.args]
        total = 8 if name == "sbi_call" else 7
        args += [Imm(0, U64)] * (total - len(args))
        return low.prim(name, args, result)

    return lower


def symbol_text(name: str) -> Callable[..., Operand]:
    def lower(low: Lowerer, node: n.CallExpr, want: Type | None) -> Operand:
        return low.runtime(f"symbols.{name}", low.expr_as(node.args[0], U64))

    return lower


SPECIAL: dict[str, Callable[..., Operand]] = {
    "sizeof": sizeof, "from_address": from_address, "adopt": adopt, "release_to_address": release_to_address, "unchecked_cast": unchecked_cast,
    "allocate_trailing": allocate_trailing, "payload": payload, "class_name": text_of("class_short_name"), "raise_line": raise_line,
    "raise_file": raise_file, "same_class": same_class, "less": less, "symbol": symbol, "address_of": address_of, "unreachable": unreachable, "trap": trap,
    "run_module_initialisers": run_initialisers, "sbi_call": system_call("sbi_call", TupleType((I64, U64))), "linux_call": system_call("linux_call", I64),
    "native_call": system_call("native_call", TupleType((I64, U64))),
    "symbol_name": symbol_text("name_of"), "symbol_place": symbol_text("place_of"),
}  # fmt: skip

__all__ = ["OptionalType", "intrinsic", "make_pointer", "pointer_method"]
