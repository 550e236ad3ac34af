"""Lowering: typed Python trees to IR, one module a topic.

`context.Lowerer` holds the state of one function; the other modules register what they lower with `@expression(NodeType)` and
`@statement(NodeType)`.
"""
