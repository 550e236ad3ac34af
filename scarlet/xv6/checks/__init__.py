"""What xv6tests checks: every call and every limit of the xv6 ABI, a function a property, a module a topic."""
