# SPDX-License-Identifier: MIT
"""A network between a host and a server that can be cut: then no byte arrives, and neither side gets an error."""

import contextlib
import socket
import threading


class Cable:
    """Listens on 127.0.0.1:`port` and carries all bytes to the unix socket `target`, or to 127.0.0.1 where that is the number
    of a port, until the block ends."""

    def __init__(self, target):
        self.target = ("127.0.0.1", target) if isinstance(target, int) else str(target)
        self.whole = threading.Event()
        self.whole.set()
        self.over = False
        # While it is cut, the kernel accepts two connections, and then no more.
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.peers = []

    def cut(self):
        self.whole.clear()

    def mend(self):
        self.whole.set()

    @contextlib.contextmanager
    def is_cut(self):
        self.cut()
        try:
            yield
        finally:
            self.mend()

    def _accept(self):
        while not self.over:
            self.whole.wait()
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            far = socket.socket(socket.AF_INET if isinstance(self.target, tuple) else socket.AF_UNIX)
            self.peers += [near, far]
            try:
                self.whole.wait()       # it may have been cut while there was no connection
                far.connect(self.target)
            except OSError:
                near.close()
                continue
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.whole.wait()
                if self.over:
                    return
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.mend()
        for end in (self.listener, *self.peers):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.threads[0].join()
