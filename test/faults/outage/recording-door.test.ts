import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, it } from 'node:test';
import { freePort } from '../../support/ports.ts';
import { openDoor } from './recording-door.ts';
import type { RecordingDoor } from './recording-door.ts';

/** Answers with the status that it is sent, and ends the connection when that is none. */
const server = createServer((request, response) => {
  const status = Number(request.headers['x-status']);
  if (Number.isNaN(status)) request.socket.destroy();
  else response.writeHead(status, { 'x-from': 'inside' }).end('answer');
});
let door: RecordingDoor;

before(async () => {
  const target = await freePort();
  server.listen(target, '127.0.0.1');
  await once(server, 'listening');
  door = await openDoor(0, target);
});
after(async () => {
  await door.shut();
  server.close();
});

function send(body: string, status: string): Promise<Response> {
  const headers = { 'x-status': status };
  return fetch(`http://127.0.0.1:${door.port}/events`, { method: 'POST', headers, body });
}

it('a door passes everything on and remembers what was acknowledged, and nothing else', async () => {
  const answer = await send('one', '200');
  assert.deepEqual(
    [answer.status, answer.headers.get('x-from'), await answer.text()],
    [200, 'inside', 'answer'],
  );
  assert.equal((await send('two', '503')).status, 503);
  await assert.rejects(send('three', 'none'));
  await send('four', '200');
  assert.deepEqual(door.acknowledged, ['one', 'four']);
  assert.equal(door.refused(), 2);
});
