import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matrixUserId, roomId } from '../../../src/ids.ts';
import type { HomeserverClient } from '../../../src/matrix/call.ts';
import { createRecipients } from '../../../src/matrix/crypto/recipients.ts';

const room = roomId('!cellar:example.org');
const bot = matrixUserId('@bot:example.org');
const member = (user: string, membership: string) => ({
  type: 'm.room.member',
  state_key: user,
  content: { membership },
});
const all = [
  member('@ann:example.org', 'join'),
  member('@ned:example.org', 'invite'),
  member('@gone:example.org', 'ban'),
  member('@slack_u1:example.org', 'join'),
];

/** Recipients in a room with these members; `came` are those whose devices are doubted. */
function recipientsIn(visibility: string | undefined, hold: Promise<void> = Promise.resolve()) {
  const came: string[] = [];
  let asked = 0;
  const client: Pick<HomeserverClient, 'call'> = {
    async call() {
      asked += 1;
      await hold;
      return { chunk: all };
    },
  };
  const recipients = createRecipients({
    // the rest of the client isn't asked
    client: client as HomeserverClient,
    state: {
      content: async () => (visibility === undefined ? undefined : { history_visibility: visibility }),
    },
    asBot: async () => ({ user: bot }),
    isOurs: (user) => user.startsWith('@slack_') || user === bot,
    onReader: async (user) => void came.push(user),
  });
  const users = async () => [...(await recipients.of(room)).users].sort();
  return { recipients, users, came, asked: () => asked };
}

test('members read, and those who are invited where the history is open to them; nobody of ours', async () => {
  assert.deepEqual(await recipientsIn(undefined).users(), ['@ann:example.org', '@ned:example.org']);
  assert.deepEqual(await recipientsIn('invited').users(), ['@ann:example.org', '@ned:example.org']);
  assert.deepEqual(await recipientsIn('joined').users(), ['@ann:example.org']);
});

test('who comes is one of them once their devices are doubted, who leaves is none, and a new name changes nothing', async () => {
  const { recipients, users, came, asked } = recipientsIn('shared');
  await users();
  recipients.saw(room, '@new:example.org', 'join');
  recipients.saw(room, '@ann:example.org', 'leave');
  assert.deepEqual(await users(), ['@ned:example.org', '@new:example.org']);
  assert.deepEqual(came, ['@new:example.org']);
  const before = (await recipients.of(room)).users;
  recipients.saw(room, '@new:example.org', 'join');
  recipients.saw(room, '@slack_u2:example.org', 'join');
  assert.equal((await recipients.of(room)).users, before);
  assert.equal(asked(), 1);
});

test('what happens while members are asked for counts', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { recipients, users } = recipientsIn('shared', promise);
  const asking = users();
  await Promise.resolve();
  recipients.saw(room, '@ann:example.org', 'leave');
  resolve();
  assert.deepEqual(await asking, ['@ned:example.org']);
});

test('a change that isn’t told, or of who may read the history, is reason to ask again', async () => {
  const { recipients, users, asked } = recipientsIn('shared');
  await users();
  recipients.saw(room, '@ann:example.org', undefined);
  await users();
  recipients.forget(room);
  await users();
  recipients.forgetAll();
  await users();
  assert.equal(asked(), 4);
});
