"""The xv6 ABI: its calls one by one, its loader, its programs."""
