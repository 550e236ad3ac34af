"""Devirtualisation: a dispatched call with one possible implementation becomes a direct call.

The program is closed: `Program.dispatches` lists for each dispatched method the implementations of all classes that are ever constructed.
"""

from __future__ import annotations

from scarlet.compiler.ir import Body, Call, CallMethod, Op, Prim, Reg
from scarlet.compiler.program import Function, Program


def run(program: Program) -> None:
    for function in program.lowered:
        if function.body is not None:
            _rewrite(program, function.body)


def _rewrite(program: Program, body: Body) -> None:
    for block in body.blocks:
        if not any(type(op) is CallMethod for op in block.ops):
            continue
        ops: list[Op] = []
        for op in block.ops:
            if isinstance(op, CallMethod):
                targets = program.dispatches.get((op.cls, op.method), [])
                if len(targets) == 1 and targets[0].result == op.result:
                    ops += _direct(body, op, targets[0])
                    continue
            ops.append(op)
        block.ops = ops


def _direct(body: Body, op: CallMethod, target: Function) -> list[Op]:
    """The call, its operands cast to what the implementation declares."""
    out: list[Op] = []
    args = list(op.args)
    for index, (arg, param) in enumerate(zip(args, target.params)):
        if isinstance(arg, Reg) and arg.type != param.type and arg.type.pointer and param.type.pointer:
            cast = Reg(f"c{len(body.registers)}", param.type, borrowed=param.type.counted, owner=arg, number=len(body.registers))
            body.registers.append(cast)
            conversion = Prim(cast, "cast", [arg], param.type)
            conversion.line = op.line
            out.append(conversion)
            args[index] = cast
    call = Call(op.dst, target, args, op.handler)
    call.line = op.line
    out.append(call)
    return out
