"""DHCP: how an interface gets its address, routes and name servers. (RFC 2131, RFC 2132)

message   the packets
lease     what an answer offers, if it makes sense
client    the state machine
resolver  what /proc/net/pnp tells programs of it
"""
