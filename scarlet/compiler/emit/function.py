"""The C text of function bodies."""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.emit.names import generic, precise
from scarlet.compiler.emit.operands import c_field, integer_text, is_void
from scarlet.compiler.emit.primitive_writer import PrimitiveWriter
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.passes.graph import failing
from scarlet.compiler.program import Class, Function
from scarlet.compiler.types import (
    BOOL,
    CLASS_REF,
    NEVER,
    NONE,
    FunctionType,
    IntType,
    OptionalType,
    TupleType,
    Type,
    machine_int,
)


class Writer(PrimitiveWriter):
    """Writes one function into a unit."""

    # --- body --------------------------------------------------------------------------------------------------------

    def write(self) -> str:
        body = self.function.body
        assert body is not None
        numbers = {block: index for index, block in enumerate(body.blocks)}
        self.labels = numbers
        entered: set[ir.Block] = set()
        for block in body.blocks:
            for op in block.ops:
                if isinstance(op, ir.Terminator):
                    entered.update(op.successors())
                if op.raises is not None:
                    entered.add(op.raises)
        text: list[str] = []
        shown = -1
        rare = set(body.blocks) if self.function.runs_once or self.function.cold else failing(body)
        for index, block in enumerate(body.blocks):
            self.rare = block in rare
            onward = body.blocks[index + 1] if index + 1 < len(body.blocks) else None
            if block in entered or index == 0:
                if index:
                    text.append(f"L{index}:;")
                for op in block.ops:
                    if op.line > 0:
                        self.line = op.line
                    self.origin = op.origin
                    written = self.op(op, onward)
                    if written:
                        if self.line != shown:
                            shown = self.line
                            text.append(f'\n#line {shown} "{self.function.file}"\n')
                        text.append(written + " ")
        head = f'#line {max(self.function.line, 1)} "{self.function.file}"\n{self.unit.signature(self.function)} {{ '
        parameters = set(self.parameters())
        declared = [self.declaration(reg) for reg in self.names if reg not in parameters]
        if self.uses_error:
            declared.append("HIDDEN Obj *scarlet_error = 0;")
        return head + " ".join(declared) + "".join(text) + "}\n"

    def parameters(self) -> list[Reg]:
        body = self.function.body
        assert body is not None
        return list(body.params)

    def goto(self, block: ir.Block, onward: ir.Block | None) -> str:
        return "" if block is onward else f"goto L{self.labels[block]};"

    def fail(self, error: str, handler: ir.Block) -> str:
        self.uses_error = True
        return f"{{ scarlet_error = {error}; goto L{self.labels[handler]}; }}"

    def throw(self, thrower: Function, handler: ir.Block) -> str:
        """Make an exception and enter a handler; one that only passes it on is left out."""
        error = f"(Obj *)scarlet_cold((uint64_t)&{self.unit.reference(thrower)}, (uint64_t)&{self.place()}).v"
        if not propagates(handler) or not self.unit.fallible(self.function):
            return self.fail(error, handler)
        result = self.function.result
        return f"return {error};" if is_void(result) else f"return ({self.unit.result_record(result)}){{ .e = {error} }};"

    # --- operations --------------------------------------------------------------------------------------------------

    def op(self, op: ir.Op, onward: ir.Block | None) -> str:
        method = METHODS[type(op)]
        text = method(self, op, onward) if isinstance(op, ir.Terminator) else method(self, op)
        assert isinstance(text, str)
        return text

    def op_Assign(self, op: ir.Assign) -> str:
        return self.assign(op.dst, op.src)

    # checked arithmetic

    def op_Checked(self, op: ir.Checked) -> str:
        assert op.handler is not None
        kind = op.kind
        dst = self.name(op.dst) if op.op in ("add", "sub", "mul", "narrow", "shl") else ""
        left = self.value(op.left)
        jump = self.throw(op.failure, op.handler)
        if op.op in ("add", "sub", "mul"):
            right = self.value(op.right)
            return f"if (UNLIKELY(__builtin_{op.op}_overflow(({generic(kind)})({left}), ({generic(kind)})({right}), &{dst}))) {jump}"
        if op.op == "narrow":
            test = self._out_of_range(op.left, left, kind)
            return f"if (UNLIKELY({test})) {jump} {dst} = ({generic(kind)})({left});"
        if op.op == "shl":
            return self._shift_left(op, left, dst, jump)
        if op.op == "nonzero":
            return f"if (UNLIKELY(({left}) == 0)) {jump}"
        if op.op == "nonnegative":
            return f"if (UNLIKELY((int64_t)({left}) < 0)) {jump}"
        assert op.op == "divfits", op.op
        right = self.value(op.right)
        return f"if (UNLIKELY(({right}) == -1 && ({left}) == {integer_text(kind.low, kind)})) {jump}"

    def _out_of_range(self, operand: Operand, text: str, to: IntType) -> str:
        source = machine_int(operand.type)
        tests = []
        if source.low < to.low:
            tests.append(f"({text}) < {integer_text(to.low, source)}")
        if source.high > to.high:
            tests.append(f"({text}) > {integer_text(to.high, source)}")
        return " || ".join(tests) or "0"

    def _shift_left(self, op: ir.Checked, left: str, dst: str, jump: str) -> str:
        kind = op.kind
        c = generic(kind)
        if isinstance(op.right, Imm):
            count = str(int(op.right.value or 0))
            return f"{dst} = ({c})((uint64_t)({left}) << {count}); if (UNLIKELY(({c})({dst} >> {count}) != ({c})({left}))) {jump}"
        count = f"(uint64_t)({self.value(op.right)})"
        return (
            f"{dst} = {count} >= {kind.bits} ? 0 : ({c})((uint64_t)({left}) << ({count} & 63)); "
            f"if (UNLIKELY({count} >= {kind.bits} ? ({left}) != 0 : ({c})({dst} >> ({count} & 63)) != ({c})({left}))) {jump}"
        )

    # calls

    def receive(self, dst: Reg | None, call: str, result: Type, fallible: bool, handler: ir.Block | None) -> str:
        """A call whose function returns {value, error} when fallible."""
        cast = f"({precise(dst.type)})" if dst is not None and precise(dst.type).endswith("*") else ""
        if not fallible:
            return f"{self.name(dst)} = {cast}{call};" if dst is not None else f"{call};"
        if is_void(result):
            if handler is None:
                return f"{call};"
            return f"{{ HIDDEN Obj *e = {call}; if (UNLIKELY(e != 0)) {self.fail('e', handler)} }}"
        record = self.unit.result_record(result)
        store = f" {self.name(dst)} = {cast}r.v;" if dst is not None else ""
        check = f" if (UNLIKELY(r.e != 0)) {self.fail('r.e', handler)}" if handler is not None else ""
        return f"{{ HIDDEN {record} r = {call};{check}{store} }}"

    def op_Call(self, op: ir.Call) -> str:
        function = op.function
        if function.cold and op.dst is not None and op.dst.type.pointer and len(op.args) <= 1:
            return self.cold_call(op, op.dst)
        if not function.keeps and op.dst is not None:
            return f"{self.name(op.dst)} = scarlet_call_changing_all({self.unit.reference(function)}, {self.value(op.args[0])});"
        args = ", ".join(self.value(arg, param.type) for arg, param in zip(op.args, function.params) if param.type != NONE)
        call = f"{self.unit.reference(function)}({args})"
        text = self.receive(op.dst, call, function.result, self.unit.fallible(function), op.handler)
        if function.result == NEVER and not self.unit.fallible(function):
            text += " __builtin_unreachable();"
        return text

    def cold_call(self, op: ir.Call, dst: Reg) -> str:
        """A call that is made where something went wrong, for an exception: without a frame for it in the code that goes right."""
        argument = f"(uint64_t)({self.value(op.args[0])})" if op.args else "0"
        call = f"scarlet_cold((uint64_t)&{self.unit.reference(op.function)}, {argument})"
        store = f"{self.name(dst)} = ({precise(dst.type)})r.v;"
        if not self.unit.fallible(op.function):
            return f"{{ HIDDEN Cold r = {call}; {store} }}"
        check = f" if (UNLIKELY(r.e != 0)) {self.fail('r.e', op.handler)}" if op.handler is not None else ""
        return f"{{ HIDDEN Cold r = {call};{check} {store} }}"

    def op_CallMethod(self, op: ir.CallMethod) -> str:
        selector = self.unit.records.selector(op)
        if selector is None:
            return "__builtin_unreachable();"
        kinds = [kind for kind in op.parameters if kind != NONE]
        values = [self.value(arg) for arg, kind in zip(op.args, op.parameters) if kind != NONE]
        args = ", ".join(f"({generic(kind)}){text}" if generic(kind).endswith("*") else text for text, kind in zip(values, kinds))
        pointer = self.unit.function_pointer(kinds, op.result, selector.fallible)
        call = f"(({pointer})((Obj *)({values[0]}))->type->slots[{selector.slot}])({args})"
        return self.receive(op.dst, call, op.result, selector.fallible, op.handler)

    def op_CallValue(self, op: ir.CallValue) -> str:
        callee = self.value(op.callee)
        kind = op.callee.type
        assert isinstance(kind, FunctionType)
        parameters = [item for item in kind.parameters if item != NONE]
        values = [(self.value(arg), item) for arg, item in zip(op.args, kind.parameters) if item != NONE]
        args = "".join(", " + (f"({generic(item)}){text}" if generic(item).endswith("*") else text) for text, item in values)
        pointer = self.unit.function_pointer([FunctionType((), NONE), *parameters], op.result, True)
        call = f"(({pointer})((Closure *)({callee}))->code)((Obj *)({callee}){args})"
        return self.receive(op.dst, call, op.result, True, op.handler)

    # memory

    def op_Allocate(self, op: ir.Allocate) -> str:
        self.unit.layout(op.cls)
        record = self.unit.record(op.cls)
        allocate = self.unit.reference(self.unit.allocate)
        name = self.name(op.dst)
        struct = f"struct {op.cls.cname}"
        size = f"sizeof({struct})" if op.extra is None else f"sizeof({struct}) + ({self.value(op.extra)})"
        failure = f"(Obj *){self.unit.reference(op.failure)}()"
        jump = self.fail(failure, op.handler) if op.handler is not None else "__builtin_trap();"
        zero = self._clear(op.cls, name)
        return f"{{ {struct} *o = ({struct} *){allocate}({size}); if (UNLIKELY(!o)) {jump} o->rc = 1; o->type = &{record}; {zero.replace(name + '->', 'o->')}{name} = ({precise(op.dst.type)})o; }}"  # noqa: E501

    def _clear(self, cls: Class, name: str) -> str:
        out = []
        for field, kind in self.unit.program.fields_of(cls).items():
            if kind == NONE:
                continue
            if isinstance(kind, (OptionalType, TupleType)) and not kind.pointer:
                out.append(f"{name}->{c_field(field)} = ({generic(kind)}){{0}}; ")
            else:
                out.append(f"{name}->{c_field(field)} = 0; ")
        return "".join(out)

    def op_GetField(self, op: ir.GetField) -> str:
        self.unit.layout(op.cls)
        cast = f"({precise(op.dst.type)})" if precise(op.dst.type).endswith("*") else ""
        return f"{self.name(op.dst)} = {cast}((struct {op.cls.cname} *)({self.value(op.obj)}))->{c_field(op.field_name)};"

    def op_SetField(self, op: ir.SetField) -> str:
        self.unit.layout(op.cls)
        kind = self.unit.program.fields_of(op.cls)[op.field_name]
        place = f"((struct {op.cls.cname} *)({self.value(op.obj)}))->{c_field(op.field_name)}"
        value = self.value(op.value, kind)
        if precise(kind).endswith("*"):
            value = f"({precise(kind)})({value})"
        if op.fresh or not kind.counted:
            return f"{place} = {value};"
        return f"{{ {precise(kind)} old = {place}; {place} = {value}; {self.count('dec', 'old', kind)} }}"

    def op_GetGlobal(self, op: ir.GetGlobal) -> str:
        cast = f"({precise(op.dst.type)})" if precise(op.dst.type).endswith("*") else ""
        return f"{self.name(op.dst)} = {cast}{self.unit.variable(op.var)};"

    def op_SetGlobal(self, op: ir.SetGlobal) -> str:
        kind = op.var.type
        place = self.unit.variable(op.var)
        value = self.value(op.value, kind)
        if not kind.counted:
            return f"{place} = {value};"
        cast = f"({precise(kind)})" if precise(kind).endswith("*") else ""
        return f"{{ {precise(kind)} old = {place}; {place} = {cast}{value}; {self.count('dec', 'old', kind)} }}"

    def op_Literal(self, op: ir.Literal) -> str:
        return f"{self.name(op.dst)} = ({precise(op.dst.type)})&{self.unit.literal(op.value)};"

    def op_EnumMember(self, op: ir.EnumMember) -> str:
        return f"{self.name(op.dst)} = ({precise(op.dst.type)})&{self.unit.member(op.cls, op.index)};"

    def op_ClassRecord(self, op: ir.ClassRecord) -> str:
        return f"{self.name(op.dst)} = &{self.unit.record(op.cls)};"

    def op_FunctionAddress(self, op: ir.FunctionAddress) -> str:
        return f"{self.name(op.dst)} = (uint64_t){self.unit.address(op.function)};"

    def op_StaticClosure(self, op: ir.StaticClosure) -> str:
        return f"{self.name(op.dst)} = (Closure *)&{self.unit.static_closure(op.function)};"

    def op_InstanceOf(self, op: ir.InstanceOf) -> str:
        record = self.unit.record(op.cls)
        return f"{self.name(op.dst)} = ((Obj *)({self.value(op.src)}))->type->display[{min(op.cls.depth, 7)}] == &{record};"

    def op_MakeTuple(self, op: ir.MakeTuple) -> str:
        kind = op.dst.type
        self.unit.structure(kind)
        items = kind.items if isinstance(kind, TupleType) else (BOOL, kind.item)  # type: ignore[attr-defined]
        parts = []
        for index, (value, item) in enumerate(zip(op.items, items)):
            if item == NONE:
                continue
            text = self.value(value)
            cast = f"({generic(item)})" if generic(item).endswith("*") else ""
            parts.append(f".f{index} = {cast}{text}")
        return f"{self.name(op.dst)} = ({generic(kind)}){{{', '.join(parts) or '0'}}};"

    def op_TupleGet(self, op: ir.TupleGet) -> str:
        self.unit.structure(op.src.type)
        cast = f"({precise(op.dst.type)})" if precise(op.dst.type).endswith("*") else ""
        return f"{self.name(op.dst)} = {cast}({self.value(op.src)}).f{op.index};"

    # counts

    def op_IncRef(self, op: ir.IncRef) -> str:
        if op.src.type.pointer and not isinstance(op.src.type, OptionalType):
            return f"scarlet_incref((Obj *){self.name(op.src)});"
        return self.count("inc", self.name(op.src), op.src.type)

    def op_DecRef(self, op: ir.DecRef) -> str:
        if op.src.type.pointer and not op.null and not isinstance(op.src.type, OptionalType):
            return f"scarlet_decref{self.size_first('dec')}((Obj *){self.name(op.src)});"
        return self.count("dec", self.name(op.src), op.src.type)

    # control

    def op_Catch(self, op: ir.Catch) -> str:
        self.uses_error = True
        return f"{self.name(op.dst)} = ({precise(op.dst.type)})scarlet_error;"

    def op_Goto(self, op: ir.Goto, onward: ir.Block | None) -> str:
        return self.goto(op.to, onward)

    def op_Branch(self, op: ir.Branch, onward: ir.Block | None) -> str:
        test = self.value(op.condition)
        if op.expect == 1:
            test = f"LIKELY({test})"
        elif op.expect == 0:
            test = f"UNLIKELY({test})"
        if op.then is onward:
            return f"if (!({test})) goto L{self.labels[op.orelse]};"
        return f"if ({test}) goto L{self.labels[op.then]}; {self.goto(op.orelse, onward)}"

    def op_Return(self, op: ir.Return, onward: ir.Block | None) -> str:
        result = self.function.result
        fallible = self.unit.fallible(self.function)
        if is_void(result):
            return "return 0;" if fallible else "return;"
        value = self.value(op.value, result) if op.value is not None else "0"
        if not fallible:
            cast = f"({generic(result)})" if generic(result).endswith("*") else ""
            return f"return {cast}{value};"
        record = self.unit.result_record(result)
        cast = "(Obj *)" if generic(result).endswith("*") and result != CLASS_REF else ""
        return f"return ({record}){{ {cast}{value}, 0 }};"

    def op_Raise(self, op: ir.Raise, onward: ir.Block | None) -> str:
        value = f"(Obj *){self.value(op.value)}"
        if op.handler is not None:
            self.uses_error = True
            return f"scarlet_error = {value}; {self.goto(op.handler, onward)}"
        result = self.function.result
        if not self.unit.fallible(self.function):
            return "__builtin_trap();"
        if is_void(result):
            return f"return {value};"
        return f"return ({self.unit.result_record(result)}){{ .e = {value} }};"

    def op_Unreachable(self, op: ir.Unreachable, onward: ir.Block | None) -> str:
        return "__builtin_trap();" if self.function.result != NEVER else "__builtin_unreachable();"


METHODS = {kind: getattr(Writer, f"op_{name}") for name, kind in vars(ir).items() if hasattr(Writer, f"op_{name}")}
"""What writes each kind of operation."""


def propagates(handler: ir.Block) -> bool:
    """Whether a block does nothing but leave the function with the exception."""
    ops = handler.ops
    return len(ops) == 2 and isinstance(ops[0], ir.Catch) and isinstance(ops[1], ir.Raise) and ops[1].handler is None
