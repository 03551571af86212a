# outcome: failed: PermissionError.*
import socket

socket.create_connection(("127.0.0.1", @PORT@), timeout=1).send(b"hello")
