# outcome: failed: PermissionError.*
import _socket

_socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
