"""A process of its own with a matrix-nio client in it, which does what protocol.ts says: `python nio-client.py OPENING`."""

import asyncio
import json
import os
import sys

from nio import AsyncClient, AsyncClientConfig, MegolmEvent
from nio.crypto.attachments import decrypt_attachment
from nio.exceptions import EncryptionError
from nio.responses import ErrorResponse, RoomSendResponse, SyncResponse, UploadResponse

FILTER = {"room": {"timeline": {"limit": 500}, "ephemeral": {"types": []}}, "presence": {"types": []}}


def say(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Client(AsyncClient):
    """Passes on what /sync answers, before nio makes of it what it does."""

    async def parse_body(self, transport_response):
        body = await super().parse_body(transport_response)
        if isinstance(body, dict) and "next_batch" in body:
            say({"says": "sync", "answer": body})
        return body


class Device:
    """One device and what it could not read yet."""

    def __init__(self, opening):
        os.makedirs(opening["folder"], exist_ok=True)
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True)
        self.client = Client(
            opening["url"], opening["userId"], store_path=opening["folder"], config=config
        )
        self.client.restore_login(opening["userId"], opening["deviceId"], opening["accessToken"])
        self.unread = {}
        self.synced = asyncio.Condition()

    def tell(self, room, event, reading):
        source = event.source
        inside = {
            "event_id": event.event_id,
            "type": source["type"],
            "sender": source["sender"],
            "origin_server_ts": source.get("origin_server_ts", 0),
            "content": source["content"],
        }
        say({"says": "read", "room": room, "event": inside, "reading": reading})

    def tell_read(self, room, event):
        reading = {"verified": bool(getattr(event, "verified", False))}
        if getattr(event, "session_id", None):
            reading["session"] = event.session_id
        self.tell(room, event, reading)

    def tell_unread(self, room, event):
        self.unread[event.event_id] = (room, event)
        self.tell(room, event, {"problem": "no key", "session": event.session_id})

    def try_again(self):
        for room, event in list(self.unread.values()):
            try:
                read = self.client.decrypt_event(event)
            except EncryptionError:
                continue
            del self.unread[event.event_id]
            self.tell_read(room, read)

    async def take(self, response):
        for room, joined in response.rooms.join.items():
            for event in joined.timeline.events:
                if isinstance(event, MegolmEvent):
                    event.room_id = room
                    self.tell_unread(room, event)
                elif getattr(event, "decrypted", False):
                    self.tell_read(room, event)
        if response.to_device_events:
            self.try_again()

    async def keep_keys(self):
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        await self.client.send_to_device_messages()

    async def step(self, timeout):
        response = await self.client.sync(timeout, sync_filter=FILTER)
        if not isinstance(response, SyncResponse):
            await asyncio.sleep(0.2)  # the homeserver restarts
            return
        await self.take(response)
        await self.keep_keys()
        async with self.synced:
            self.synced.notify_all()

    async def until(self, look):
        async with self.synced:
            await asyncio.wait_for(self.synced.wait_for(look), 15)

    async def encrypted(self, request):
        rooms = self.client.rooms
        await self.until(lambda: request["room"] in rooms and rooms[request["room"]].encrypted)

    async def send(self, request):
        room = request["room"]
        await self.until(lambda: room in self.client.rooms)
        sent = await self.client.room_send(
            room, request["type"], request["content"], ignore_unverified_devices=True
        )
        if not isinstance(sent, RoomSendResponse):
            raise RuntimeError(str(sent))
        return sent.event_id

    async def upload(self, request):
        with open(request["path"], "rb") as file:
            size = os.fstat(file.fileno()).st_size
            uploaded, keys = await self.client.upload(
                file, "application/octet-stream", request["name"], encrypt=True, filesize=size
            )
        if not isinstance(uploaded, UploadResponse):
            raise RuntimeError(str(uploaded))
        return {**keys, "url": uploaded.content_uri}

    async def download(self, request):
        file = request["file"]
        response = await self.client.download(file["url"])
        if isinstance(response, ErrorResponse):
            raise RuntimeError(str(response))
        clear = decrypt_attachment(
            response.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"]
        )
        with open(request["path"], "wb") as target:
            target.write(clear)

    async def devices(self, request):
        store = self.client.device_store[request["user"]]
        return [{"id": each.id, "verified": each.verified} for each in store.values()]

    async def verify(self, request):
        for each in self.client.device_store[request["user"]].values():
            self.client.verify_device(each)

    async def rotate(self, request):
        self.client.invalidate_outbound_session(request["room"])

    async def answer(self, request):
        able = {
            "send": self.send,
            "upload": self.upload,
            "download": self.download,
            "encrypted": self.encrypted,
            "devices": self.devices,
            "verify": self.verify,
            "rotate": self.rotate,
        }
        try:
            value = await able[request["do"]](request)
            say({"says": "done", "id": request["id"], "value": value})
        except Exception as error:  # whatever it is, the asker has to know
            say({"says": "failed", "id": request["id"], "error": repr(error)})


async def requests():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


async def sync_on(device):
    while True:
        await device.step(20_000)


async def main():
    device = Device(json.loads(sys.argv[1]))
    await device.step(0)
    say({"says": "ready"})
    loop = asyncio.create_task(sync_on(device))
    loop.add_done_callback(lambda task: task.cancelled() or os._exit(1))
    answers = set()
    async for request in requests():
        if request["do"] == "stop":
            break
        answer = asyncio.create_task(device.answer(request))
        answers.add(answer)
        answer.add_done_callback(answers.discard)
    loop.cancel()
    await device.client.close()


asyncio.run(main())
