import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slackUserId, ts } from '../../src/ids.ts';
import type { Delivery } from '../../src/queue/ports.ts';
import { userScopes } from '../../src/slack/scopes.ts';
import { startAdapter } from './support/adapter.ts';
import { MemoryTokens } from './support/memory-tokens.ts';

test('the first message since of each chat without a room is found, by the person’s own account; no others', async (context) => {
  const puppets = new MemoryTokens();
  const world = await startAdapter({ puppets });
  context.after(() => world.stop());
  const { slack, place, user, sandbox, app } = world;
  const { control } = sandbox;
  const ann = slackUserId(user);
  puppets.put(place.team, ann, { access: control.grantUserToken({ user }).token });
  const person = (name: string) => control.createUser({ team: place.team, name }).id ?? '';
  const [ben, cy, dee] = [person('ben'), person('cy'), person('dee')];
  const chats = [[ben], [cy], [ben, dee], [app.botUserId]].map((others) =>
    control.openDirect({ team: place.team, users: [user, ...others] }),
  );
  const say = (at: number, by: string) =>
    control.post({ channel: chats[at]?.id ?? '', user: by, text: 'hello' }).ts;
  say(0, ben);
  say(1, cy);
  const since = ts(say(0, user));
  await new Promise((resolve) => setTimeout(resolve, 5));
  const wanted = [say(0, ben), say(2, dee)];
  say(0, user);
  say(3, user);
  const signal = AbortSignal.timeout(10_000);
  const after = ts(`${since.slice(0, -1)}${since.endsWith('9') ? '9' : String(Number(since.at(-1)) + 1)}`);
  const find = async (scopes: readonly string[], known?: string): Promise<readonly Delivery[]> => {
    const owner = { team: place.team, user: ann, scopes };
    const missed = { since: after, isKnown: (id: string) => id === known, signal };
    const found: Delivery[] = [];
    for await (const delivery of slack.missedChats(owner, missed)) found.push(delivery);
    return found;
  };
  const found = await find(userScopes);
  assert.deepEqual(new Set(found.map(({ fact }) => fact)), new Set(wanted.map((at) => `message:${at}`)));
  assert.ok(found.every(({ route }) => route.chat === true));
  assert.deepEqual(slack.chatDelivery(found[0]?.payload ?? Buffer.of()).readers, [ann]);
  assert.equal((await find(userScopes, chats[0]?.id)).length, 1);
  assert.equal((await find(['im:read', 'im:history'])).length, 1);
  assert.deepEqual(await find(['chat:write']), []);
});
