import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackProfile } from '../../src/events.ts';
import { matrixUserId, slackUserId, teamId } from '../../src/ids.ts';
import type { Accounts } from '../../src/matrix/accounts.ts';
import type { Call, HomeserverClient } from '../../src/matrix/call.ts';
import { createFieldWriter, fieldsOfProfile } from '../../src/matrix/profile-fields.ts';
import { Refusal } from '../../src/matrix/refusal.ts';
import { recordingLog } from './support.ts';

const user = matrixUserId('@slack_u1:hs');
const ann: SlackProfile = {
  team: teamId('T1'),
  id: slackUserId('U1'),
  name: 'Ann',
  bot: false,
  deactivated: false,
  timezone: 'Europe/London',
  title: 'Chief\u202E of Staff',
  status: { emoji: '🌴', text: 'away' },
};
const fields = {
  'm.tz': 'Europe/London',
  'matrix_slack_bridge.title': 'Chief of Staff',
  'org.matrix.msc4426.status': { text: 'away', emoji: '🌴' },
};

/** A homeserver that says so of itself; `refusing`: it takes no field. */
function server(versions: object, { refusing = false, enabled = true } = {}) {
  const calls: string[] = [];
  const call = async ({ method, path }: Call) => {
    calls.push(`${method} ${path.join('/')}`);
    if (path.at(-1) === 'versions') return { ...versions };
    if (refusing) throw new Refusal(403, 'M_FORBIDDEN', 'no');
    return {};
  };
  const writer = createFieldWriter({
    client: { call } as unknown as HomeserverClient, // nothing else is asked
    accounts: { actor: async () => ({ user }) } as unknown as Accounts, // nor of these
    log: recordingLog(),
    enabled,
  });
  return { calls, writer };
}

test('title, time zone, pronouns and status are fields, each cleaned; what is absent is none', () => {
  assert.deepEqual(fieldsOfProfile(ann), fields);
  const { timezone: _timezone, title: _title, status: _status, ...bare } = ann;
  assert.deepEqual(fieldsOfProfile(bare), {});
  assert.deepEqual(fieldsOfProfile({ ...bare, pronouns: 'they/them' }), {
    'io.fsky.nyx.pronouns': [{ language: 'en', summary: 'they/them' }],
  });
});

test('what changed is written, what is gone deleted, where the homeserver takes fields; it is asked once', async () => {
  const { calls, writer } = server({ versions: ['v1.1', 'v1.16'] });
  assert.equal(writer.differ(undefined, ann), true);
  assert.deepEqual(await writer.bring(user, undefined, ann), fields);
  const { title: _title, ...untitled } = ann;
  const now = await writer.bring(user, fields, { ...untitled, status: { text: 'back' } });
  assert.deepEqual(now, { 'm.tz': 'Europe/London', 'org.matrix.msc4426.status': { text: 'back' } });
  assert.equal(writer.differ(now, { ...untitled, status: { text: 'back' } }), false);
  assert.deepEqual(calls, [
    'GET client/versions',
    `PUT client/v3/profile/${user}/m.tz`,
    `PUT client/v3/profile/${user}/matrix_slack_bridge.title`,
    `PUT client/v3/profile/${user}/org.matrix.msc4426.status`,
    `DELETE client/v3/profile/${user}/matrix_slack_bridge.title`,
    `PUT client/v3/profile/${user}/org.matrix.msc4426.status`,
  ]);
});

test('a homeserver that knows the proposal alone takes fields at the place that it names', async () => {
  const { calls, writer } = server({ versions: ['v1.11'], unstable_features: { 'uk.tcpip.msc4133': true } });
  await writer.bring(user, undefined, ann);
  assert.equal(calls[1], `PUT client/unstable/uk.tcpip.msc4133/profile/${user}/m.tz`);
});

test('one that knows no fields, or refuses them, is left alone from then on', async () => {
  const old = server({ versions: ['v1.11'] });
  assert.deepEqual(await old.writer.bring(user, undefined, ann), {});
  const refusing = server({ versions: ['v1.16'] }, { refusing: true });
  await refusing.writer.bring(user, undefined, ann);
  for (const { writer, calls } of [old, refusing]) {
    const before = calls.length;
    assert.equal(writer.differ(undefined, ann), false);
    await writer.bring(user, undefined, ann);
    assert.equal(calls.length, before);
  }
  assert.equal(refusing.calls.length, 2);
  assert.equal(server({}, { enabled: false }).writer.differ(undefined, ann), false);
});
