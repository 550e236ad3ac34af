"""IPv4: packets are parsed (packet), taken in (arrival, reassembly) and sent (output, pathmtu). (RFC 791, RFC 1122)"""
