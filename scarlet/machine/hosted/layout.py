"""Where things are in the hosted machine: the addresses and interrupts of QEMU's virt."""

RAM_BASE = 0x8000_0000
PLIC_BASE = 0x0C00_0000
FINISHER_BASE = 0x0010_0000
RTC_BASE = 0x0010_1000
UART_BASE = 0x1000_0000
RTC_IRQ = 11
UART_IRQ = 10
VIRTIO_BASE = 0x1000_1000
VIRTIO_STRIDE = 0x1000
VIRTIO_SLOTS = 8
VIRTIO_IRQ = 1
"""Of the first slot; the others follow."""
PCI_ECAM_BASE = 0x3000_0000
PCI_ECAM_SIZE = 0x100_0000
PCI_WINDOW_BASE = 0x4000_0000
PCI_WINDOW_SIZE = 0x4000_0000
PCI_IRQ = 32
"""Of pin A of slot 0; the pins of the slots take turns on four lines."""
PCI_LINES = 4
