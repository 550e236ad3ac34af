"""AF_UNIX: sockets between processes of one machine. (unix(7))

`names` and `inflight` are what all of them share; `endpoint` is the part of a socket that has a name and a peer, `connecting` adds
listening and accepting; `stream`, `datagram` and `seqpacket` are the three kinds. `start.py` registers the family.
"""
