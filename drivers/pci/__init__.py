"""PCI: finding the functions on the bus behind a host bridge, giving them addresses, and telling which line they interrupt on.

    config      the configuration space of one function
    bridge      the host bridge: scanning, windows, interrupts

Source: PCI Local Bus Specification 3.0, chapter 6; PCI Express Base Specification, 7.2.2 (ECAM).
"""
