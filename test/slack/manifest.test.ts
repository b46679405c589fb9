import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { parse } from 'yaml';
import { slackUserId } from '../../src/ids.ts';
import type { Fields } from '../../src/slack/fields.ts';
import { fieldsOf } from '../../src/slack/fields.ts';
import { slackEvent } from '../../src/slack/inbound.ts';
import {
  accessEvents,
  botEvents,
  messageShortcuts,
  optionalScopes,
  requiredScopes,
  userEvents,
  userScopes,
} from '../../src/slack/scopes.ts';
import { bytes, callback } from './support/payloads.ts';

let manifest: Fields;
before(async () => {
  const file = new URL('../../config/slack-app-manifest.yaml', import.meta.url);
  manifest = fieldsOf(parse(await readFile(file, 'utf8')));
});

test('the manifest asks for the permissions that the bridge uses, and no more', () => {
  const asked = fieldsOf(fieldsOf(manifest['oauth_config'])['scopes'])['bot'];
  assert.deepEqual(asked, [...requiredScopes, ...Object.keys(optionalScopes)].toSorted());
});

test('the manifest asks people for the permissions that the bridge uses as them', () => {
  assert.deepEqual(fieldsOf(fieldsOf(manifest['oauth_config'])['scopes'])['user'], [...userScopes]);
  const subscribed = fieldsOf(fieldsOf(manifest['settings'])['event_subscriptions'])['user_events'];
  assert.deepEqual(subscribed, [...userEvents]);
});

test('the manifest subscribes to the events that the bridge reads, and no more', () => {
  const subscribed = fieldsOf(fieldsOf(manifest['settings'])['event_subscriptions'])['bot_events'];
  assert.deepEqual(subscribed, [...botEvents, ...accessEvents].toSorted());
});

test('the manifest has the entries of messages’ menus that the bridge answers', () => {
  const wanted = Object.entries(messageShortcuts).map(([callback_id, { name, description }]) => ({
    name,
    type: 'message',
    callback_id,
    description,
  }));
  assert.deepEqual(fieldsOf(manifest['features'])['shortcuts'], wanted);
  assert.deepEqual(fieldsOf(manifest['settings'])['interactivity'], { is_enabled: true });
  assert.ok(wanted.length <= 5 && wanted.every(({ name }) => name.length <= 24));
});

test('the manifest switches Socket Mode on', () => {
  assert.equal(fieldsOf(manifest['settings'])['socket_mode_enabled'], true);
});

const teams = { has: () => true, botOf: () => slackUserId('U0BOT') };
const anything = {
  user: { id: 'U1', name: 'ann' },
  channel: 'C1',
  ts: '1.000100',
  tokens: { bot: ['U0BOT'] },
  old_channel_id: 'C1',
  new_channel_id: 'C2',
};
for (const name of botEvents) {
  const [type] = name.split('.');
  const byUser = /^(message|reaction_|member_)/.test(name) ? { user: 'U0BOT' } : {};
  const item = { type: 'message', channel: 'C1', ts: '1.000100', message: { ts: '1.000100' } };

  test(`the event ${name} is one that the bridge reads`, () => {
    const event = slackEvent(
      bytes(callback({ ...anything, ...byUser, reaction: 'wave', item, type })),
      teams,
    );
    assert.notEqual(event.type, 'ignored');
  });
}
