"""A relay on loopback that can be shut: gate.py PORT FILE. Prints its own port, and passes connections on to PORT as long
as FILE does not exist; then it closes them unanswered.
"""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path


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


def main() -> None:
    port, shut = int(sys.argv[1]), Path(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        if shut.exists():
            client.close()
            continue
        server = socket.create_connection(("127.0.0.1", port))
        for pair in ((client, server), (server, client)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


if __name__ == "__main__":
    main()
