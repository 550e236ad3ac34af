"""The intermediate representation: a control-flow graph of typed registers for each function.

A block is a list of operations; the last one is a terminator (Goto, Branch, Return, Raise, Unreachable, Yield). An operation that may
raise names the block that handles the exception (`handler`, a side exit); that block starts with Catch, which takes the exception. The
may-raise pass clears handlers that are never entered.

Registers are assigned once, except variables (`variable`), which live until the function ends or they are rebound. Ownership: the value
an operation defines is owned by its register unless `borrowed`; `stolen()` are the operands whose reference the operation takes over.
Lowering knows nothing of reference counts: the refcount pass inserts IncRef and DecRef from these facts and from liveness.

`base` has registers, blocks and what operations have in common; `data`, `calls` and `control` are the kinds of operations.
"""

from scarlet.compiler.ir.base import Block, Body, Imm, Op, Operand, Reg, Terminator
from scarlet.compiler.ir.calls import Allocate, Call, CallMethod, CallValue, Checked, Prim
from scarlet.compiler.ir.control import Branch, Goto, Raise, Return, Unreachable, Yield
from scarlet.compiler.ir.data import (
    Assign,
    Catch,
    ClassRecord,
    DecRef,
    EnumMember,
    FunctionAddress,
    GetField,
    GetGlobal,
    IncRef,
    InstanceOf,
    Literal,
    MakeTuple,
    SetField,
    SetGlobal,
    StaticClosure,
    TupleGet,
)

__all__ = [
    "Allocate",
    "Assign",
    "Block",
    "Body",
    "Branch",
    "Call",
    "CallMethod",
    "CallValue",
    "Catch",
    "Checked",
    "ClassRecord",
    "DecRef",
    "EnumMember",
    "FunctionAddress",
    "GetField",
    "GetGlobal",
    "Goto",
    "Imm",
    "IncRef",
    "InstanceOf",
    "Literal",
    "MakeTuple",
    "Op",
    "Operand",
    "Prim",
    "Raise",
    "Reg",
    "Return",
    "SetField",
    "SetGlobal",
    "StaticClosure",
    "Terminator",
    "TupleGet",
    "Unreachable",
    "Yield",
]
