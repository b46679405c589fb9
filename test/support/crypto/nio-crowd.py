"""Many devices in one process, each of a person of its own: `python nio-crowd.py OPENINGS`.

A line {"id", "events", "patience"} asks all of them to read these events; the answer {"id", "unread"} names who could not, and why.
"""

import asyncio
import json
import logging
import os
import sys
import time

from nio import AsyncClient, AsyncClientConfig, MegolmEvent
from nio.exceptions import EncryptionError
from nio.responses import SyncResponse

FILTER = {
    "room": {"timeline": {"limit": 500}, "ephemeral": {"types": []}, "state": {"types": ["m.room.encryption"]}},
    "presence": {"types": []},
}


class Device:
    """One device: what it has read, and what it could not read yet."""

    def __init__(self, opening):
        os.makedirs(opening["folder"], exist_ok=True)
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True)
        self.client = AsyncClient(
            opening["url"], opening["userId"], store_path=opening["folder"], config=config
        )
        self.client.restore_login(opening["userId"], opening["deviceId"], opening["accessToken"])
        self.read = set()
        self.unread = {}

    async def step(self, timeout):
        response = await self.client.sync(timeout, sync_filter=FILTER)
        if not isinstance(response, SyncResponse):
            return
        for room, joined in response.rooms.join.items():
            for event in joined.timeline.events:
                if isinstance(event, MegolmEvent):
                    event.room_id = room
                    self.unread[event.event_id] = event
                elif getattr(event, "decrypted", False):
                    self.read.add(event.event_id)
        if response.to_device_events:
            self.try_again()
        if self.client.should_upload_keys:
            await self.client.keys_upload()

    def try_again(self):
        for event in list(self.unread.values()):
            try:
                self.client.decrypt_event(event)
            except EncryptionError:
                continue
            del self.unread[event.event_id]
            self.read.add(event.event_id)

    async def read_all(self, events, patience):
        deadline = time.monotonic() + patience / 1000
        while not self.read.issuperset(events) and time.monotonic() < deadline:
            await self.step(1_000)
        missing = [each for each in events if each not in self.read]
        if not missing:
            return None
        came = any(each in self.unread for each in missing)
        return {"user": self.client.user_id, "problem": "no key" if came else "did not come"}


async def main():
    logging.disable()  # what can't be read is answered
    # few at a time: all of them at once would keep the homeserver from everybody else
    turns = asyncio.Semaphore(8)

    async def turn(work):
        async with turns:
            return await work

    devices = [Device(opening) for opening in json.loads(sys.argv[1])]
    await asyncio.gather(*(turn(device.step(0)) for device in devices))
    print(json.dumps({"id": 0, "unread": []}), flush=True)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        request = json.loads(line)
        found = await asyncio.gather(*(turn(each.read_all(request["events"], request["patience"])) for each in devices))
        unread = [each for each in found if each]
        print(json.dumps({"id": request["id"], "unread": unread}), flush=True)
    for device in devices:
        await device.client.close()


asyncio.run(main())
