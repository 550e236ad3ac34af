"""AF_NETLINK, protocol NETLINK_ROUTE: interfaces, addresses, routes and neighbours as messages. (netlink(7), rtnetlink(7))

`message` takes messages apart and puts them together; `links`, `addresses`, `routing` and `neighbours` are what can be asked for and
changed; `service` answers requests with them, `groups` tells who subscribed of changes, `socket` is what programs hold.
"""
