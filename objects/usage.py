"""What a process used: times and counts for getrusage(2), times(2) and wait4(2)."""


class Usage:
    """Amounts of one process, or the sum over its reaped children. Times in nanoseconds, memory in bytes."""

    def __init__(self) -> None:
        self.user_ns = 0
        self.system_ns = 0
        self.max_resident = 0
        self.minor_faults = 0
        self.major_faults = 0
        self.blocks_in = 0
        self.blocks_out = 0
        self.voluntary_switches = 0
        self.involuntary_switches = 0

    def add(self, other: "Usage") -> None:
        """Sum up; of the memory peaks the larger one counts."""
        self.user_ns += other.user_ns
        self.system_ns += other.system_ns
        self.max_resident = max(self.max_resident, other.max_resident)
        self.minor_faults += other.minor_faults
        self.major_faults += other.major_faults
        self.blocks_in += other.blocks_in
        self.blocks_out += other.blocks_out
        self.voluntary_switches += other.voluntary_switches
        self.involuntary_switches += other.involuntary_switches
