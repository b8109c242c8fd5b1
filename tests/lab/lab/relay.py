# SPDX-License-Identifier: Apache-2.0
"""Carries connections from free ports of the host's loopback to ports inside a machine.

One asyncio loop in one thread: a socket belongs to the network in which it was made, so only its making happens inside.
"""

import asyncio
import socket
import threading

CHUNK = 65536


class Relay:
    """published: port inside -> port on the host's 127.0.0.1, chosen by the kernel."""

    def __init__(self, machine, ports):
        self._machine = machine
        self.published = {}
        self._servers = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        for port in ports:
            listener = socket.create_server(("127.0.0.1", 0), backlog=128)
            self.published[port] = listener.getsockname()[1]
            serving = asyncio.start_server(lambda reader, writer, port=port: self._carry(reader, writer, port), sock=listener)
            self._servers.append(asyncio.run_coroutine_threadsafe(serving, self._loop).result())

    async def _carry(self, reader, writer, port):
        with self._machine.network():
            inside = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        inside.setblocking(False)
        try:
            await self._loop.sock_connect(inside, ("127.0.0.1", port))
            far_reader, far_writer = await asyncio.open_connection(sock=inside)
        except OSError:
            inside.close()
            writer.close()
            return
        await asyncio.gather(self._pour(reader, far_writer), self._pour(far_reader, writer))
        for end in (writer, far_writer):
            end.close()

    async def _pour(self, reader, writer):
        try:
            while chunk := await reader.read(CHUNK):
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.close()

    def stop(self):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self):
        for server in self._servers:
            server.close()
        carrying = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
