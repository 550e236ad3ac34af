"""The C text of primitive operations (ir.Prim): those of primitives.py, and here those that need to know more than their operands' text."""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.emit.names import generic, precise
from scarlet.compiler.emit.operands import Operands
from scarlet.compiler.emit.primitives import SIMPLE, STATEMENTS
from scarlet.compiler.ir import Imm
from scarlet.compiler.types import NONE, IntType, ObjectType, PointerType


class PrimitiveWriter(Operands):
    """See the module docstring."""

    def op_Prim(self, op: ir.Prim) -> str:
        args = [self.value(arg) for arg in op.args]
        if op.name in SIMPLE:
            text = SIMPLE[op.name].format(*args)
            return self.set(op.dst, text) if op.dst is not None else f"{text};"
        if op.name in STATEMENTS:
            items = ""
            if op.args and isinstance(op.args[0].type, PointerType):
                items = f"{generic(op.args[0].type.item)} *"
            if op.dst is not None:
                self.unit.structure(op.dst.type)
            return STATEMENTS[op.name].format(*args, d=self.name(op.dst) if op.dst is not None else "", t=op.text, p=items)
        method = getattr(self, "prim_" + op.name)
        text = method(op, args)
        assert isinstance(text, str)
        return text

    def prim_cast(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        return f"{self.name(op.dst)} = {self.value(op.args[0], op.dst.type)};"

    def prim_keep(self, op: ir.Prim, args: list[str]) -> str:
        return ""  # its use is that the arguments are alive up to here

    def prim_retype(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        return self.set(op.dst, args[0])

    def prim_zero(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        return self.assign(op.dst, Imm(None, op.dst.type))

    prim_null = prim_zero

    def prim_shr(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None and isinstance(op.dst.type, IntType)
        macro = "SHR_S" if op.dst.type.signed else "SHR_U"
        if isinstance(op.args[1], Imm) and int(op.args[1].value or 0) < op.dst.type.bits:
            return self.set(op.dst, f"({args[0]}) >> {int(op.args[1].value or 0)}")
        return self.set(op.dst, f"{macro}({args[0]}, {args[1]})")

    def prim_floordiv(self, op: ir.Prim, args: list[str]) -> str:
        return self._division(op, args, "/", "floordiv_s")

    def prim_floormod(self, op: ir.Prim, args: list[str]) -> str:
        return self._division(op, args, "%", "floormod_s")

    def _division(self, op: ir.Prim, args: list[str], operator: str, function: str) -> str:
        assert op.dst is not None and isinstance(op.dst.type, IntType)
        if not op.dst.type.signed:
            return self.set(op.dst, f"({args[0]}) {operator} ({args[1]})")
        divisor = op.args[1]
        if isinstance(divisor, Imm) and int(divisor.value or 0) > 0:
            number = int(divisor.value or 0)
            if number & (number - 1) == 0:
                shift = number.bit_length() - 1
                return self.set(op.dst, f"(int64_t)({args[0]}) >> {shift}" if operator == "/" else f"(int64_t)({args[0]}) & {number - 1}L")
        return self.set(op.dst, f"{function}({args[0]}, {args[1]})")

    def prim_site(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        return f"{self.name(op.dst)} = (uint64_t)&{self.place()};"

    def prim_site_file(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        empty = self.unit.literal("")
        return f"{self.name(op.dst)} = ({args[0]}) ? ({precise(op.dst.type)})((const Site *)({args[0]}))->file : ({precise(op.dst.type)})&{empty};"  # noqa: E501

    def prim_class_name(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        return f"{self.name(op.dst)} = ({precise(op.dst.type)})((Obj *)({args[0]}))->type->fullname;"

    def prim_class_short_name(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        return f"{self.name(op.dst)} = ({precise(op.dst.type)})((Obj *)({args[0]}))->type->name;"

    def prim_subclass(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        checks = " || ".join(f"({args[0]})->display[{i}] == ({args[1]})" for i in range(8))
        return f"{self.name(op.dst)} = {checks};"

    def prim_sizeof(self, op: ir.Prim, args: list[str]) -> str:
        kind = op.args[0].type
        assert op.dst is not None and isinstance(kind, PointerType)
        self.unit.structure(kind.item)
        return f"{self.name(op.dst)} = sizeof({generic(kind.item)});"

    def prim_payload(self, op: ir.Prim, args: list[str]) -> str:
        kind = op.args[0].type
        assert op.dst is not None and isinstance(kind, ObjectType)
        self.unit.layout(kind.cls)
        return f"{self.name(op.dst)} = (uint64_t)({args[0]}) + sizeof(struct {kind.cls.cname});"

    def prim_symbol(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        self.unit.symbols.add(op.text)
        return f"{self.name(op.dst)} = (uint64_t){op.text};"

    def prim_run_initialisers(self, op: ir.Prim, args: list[str]) -> str:
        return "scarlet_run_initialisers();"

    def prim_from_address(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        count = "" if op.dst.borrowed else f" scarlet_incref((Obj *){self.name(op.dst)});"
        return f"{self.name(op.dst)} = ({precise(op.dst.type)})({args[0]});" + count

    def prim_adopt(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        return f"{self.name(op.dst)} = ({precise(op.dst.type)})({args[0]});"

    def prim_release_to_address(self, op: ir.Prim, args: list[str]) -> str:
        assert op.dst is not None
        return f"{self.name(op.dst)} = (uint64_t)({args[0]});"

    # pointers

    def element(self, op: ir.Prim, args: list[str]) -> str:
        kind = op.args[0].type
        assert isinstance(kind, PointerType)
        self.unit.structure(kind.item)
        return f"(({generic(kind.item)} *)({args[0]}))[{args[1]}]"

    def prim_ptr_load(self, op: ir.Prim, args: list[str]) -> str:
        if op.dst is None:
            return ""
        cast = f"({precise(op.dst.type)})" if precise(op.dst.type).endswith("*") else ""
        text = f"{self.name(op.dst)} = {cast}{self.element(op, args)};"
        if op.dst.type.counted and not op.dst.borrowed:
            text += " " + self.count("inc", self.name(op.dst), op.dst.type)
        return text

    def prim_ptr_take(self, op: ir.Prim, args: list[str]) -> str:
        if op.dst is None:
            return ""
        cast = f"({precise(op.dst.type)})" if precise(op.dst.type).endswith("*") else ""
        return f"{self.name(op.dst)} = {cast}{self.element(op, args)};"

    def prim_ptr_store(self, op: ir.Prim, args: list[str]) -> str:
        kind = op.args[0].type
        assert isinstance(kind, PointerType)
        if kind.item == NONE:
            return ""
        item = generic(kind.item)
        cast = f"({item})" if item.endswith("*") else ""
        if not kind.item.counted:
            return f"{self.element(op, args)} = {cast}{args[2]};"
        return f"{{ {item} old = {self.element(op, args)}; {self.element(op, args)} = {cast}{args[2]}; {self.count('dec', 'old', kind.item)} }}"  # noqa: E501

    def prim_ptr_init(self, op: ir.Prim, args: list[str]) -> str:
        kind = op.args[0].type
        assert isinstance(kind, PointerType)
        if kind.item == NONE:
            return ""
        item = generic(kind.item)
        cast = f"({item})" if item.endswith("*") else ""
        return f"{self.element(op, args)} = {cast}{args[2]};"

    def prim_ptr_drop(self, op: ir.Prim, args: list[str]) -> str:
        kind = op.args[0].type
        assert isinstance(kind, PointerType)
        return f"{{ {generic(kind.item)} old = {self.element(op, args)}; {self.count('dec', 'old', kind.item)} }}"

    def prim_ptr_add(self, op: ir.Prim, args: list[str]) -> str:
        return self._step(op, args, "+")

    def prim_ptr_sub(self, op: ir.Prim, args: list[str]) -> str:
        return self._step(op, args, "-")

    def _step(self, op: ir.Prim, args: list[str], sign: str) -> str:
        assert op.dst is not None and isinstance(op.dst.type, PointerType)
        self.unit.structure(op.dst.type.item)
        return f"{self.name(op.dst)} = ({args[0]}) {sign} (uint64_t)({args[1]}) * sizeof({generic(op.dst.type.item)});"
