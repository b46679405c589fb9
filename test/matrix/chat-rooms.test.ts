import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelId, matrixUserId, teamId } from '../../src/ids.ts';
import { objectAt } from '../../src/matrix/json.ts';
import { chatRoomRequest } from '../../src/matrix/chat-rooms.ts';

const bot = matrixUserId('@slackbot:hs');
const [ann, ghost] = [matrixUserId('@ann:hs'), matrixUserId('@slack_ubob:hs')];
const channel = {
  team: teamId('T1'),
  channel: channelId('D1'),
  name: 'Bob, Ann',
  teamName: 'Acme',
  url: 'https://acme.slack.com/',
};
const chat = { channel, people: [ann], ghosts: [ghost] };

function types(request: ReturnType<typeof chatRoomRequest>): readonly unknown[] {
  const states = request['initial_state'];
  assert.ok(Array.isArray(states));
  return states.map(({ type }: { readonly type: unknown }) => type);
}

test('a chat’s room is direct, for its people alone, and says which chat it is', () => {
  const request = chatRoomRequest(chat, { version: 'default' }, '11', bot);
  assert.equal(request['is_direct'], true);
  assert.equal('name' in request, false);
  assert.deepEqual(request['invite'], [ann, ghost]);
  assert.deepEqual(request['creation_content'], { 'm.federate': false });
  assert.deepEqual(types(request).slice(2), [
    'io.element.functional_members',
    'm.bridge',
    'uk.half-shot.bridge',
  ]);
});

test('its people may do in it what the bot may, in rooms with and without creators above all levels', () => {
  const users = (version: string): unknown => {
    const request = chatRoomRequest(chat, { version }, version, bot);
    return objectAt(request, 'power_level_content_override')['users'];
  };
  assert.deepEqual(users('11'), { [bot]: 100, [ann]: 100 });
  assert.deepEqual(users('12'), { [ann]: 100 });
});

test('it federates only where one of its people is of elsewhere', () => {
  const people = [ann, matrixUserId('@zoe:elsewhere')];
  const request = chatRoomRequest({ ...chat, people }, { version: 'default' }, '11', bot);
  assert.deepEqual(request['creation_content'], {});
});

test('it can be encrypted from its first message on, and have a name', () => {
  const group = { ...chat, name: 'Bob, Cy', encrypt: true };
  const request = chatRoomRequest(group, { version: '11' }, '11', bot);
  assert.equal(request['name'], 'Bob, Cy');
  assert.equal(request['room_version'], '11');
  assert.equal(types(request).at(-1), 'm.room.encryption');
});
