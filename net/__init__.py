"""The Internet protocols over network cards (docs/network.md).

worker          the thread that does all that packets and timers ask for
interface       network interfaces: loopback, and ethernet over the cards of objects/netdevice
neighbours      who has which address on a link (ARP)
routes          which interface and neighbour a destination is reached through
ipv4            packets: checked, taken apart and put together
icmp, udp       what packets carry; protocols knows them by number
inet            the sockets over them
dhcp            how an interface gets its address
unix, netlink   sockets that never leave the machine: between its programs, and to the tables above

An IPv4 address is an int in host order, an Ethernet address six bytes. The kernel is not preempted and nothing in here sleeps but the
sockets' own waits, so the tables need no locks: whoever runs sees them whole.
"""
