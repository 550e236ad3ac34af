"""Sockets of the family AF_INET: UDP, raw, and ping. (ip(7), udp(7), raw(7), icmp(7))

options    the options of the level IP
datagram   what the three have in common: a queue of datagrams, waiting, addresses
udp, raw, ping
family     makes them; table lists them for /proc/net
"""
