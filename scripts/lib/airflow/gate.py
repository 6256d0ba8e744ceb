"""A relay on loopback that can be shut: gate.py REST MASTER FILE. Prints its own port, and passes connections on: those
that speak HTTP to the port REST as long as FILE does not exist, else they are closed unanswered; others to the port MASTER.
A driver is told the address that it was submitted to, and finds its master there.
"""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path

METHODS = (b"GET ", b"POST", b"PUT ")


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Copies until either side ends."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # one side is gone: so shall the other be
        for side in (source, sink):
            side.close()


def relay(client: socket.socket, rest: int, master: int, shut: Path) -> None:
    """Whoever connects speaks first, in HTTP as in Spark's own protocol."""
    begun = client.recv(65536)
    http = begun.startswith(METHODS)
    if not begun or (http and shut.exists()):
        client.close()
        return
    server = socket.create_connection(("127.0.0.1", rest if http else master))
    server.sendall(begun)
    threading.Thread(target=pump, args=(server, client), daemon=True).start()
    pump(client, server)


def main() -> None:
    rest, master, shut = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=relay, args=(client, rest, master, shut), daemon=True).start()


if __name__ == "__main__":
    main()
