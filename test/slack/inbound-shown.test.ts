import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { slackUserId } from '../../src/ids.ts';
import { slackEvent } from '../../src/slack/inbound.ts';
import { bytes, callback } from './support/payloads.ts';
import type { Json } from './support/payloads.ts';

const teams = {
  has: (team: string) => team === 'T1',
  botOf: () => slackUserId('U0BOT'),
};

const read = (event: Json) => slackEvent(bytes(callback(event)), teams);
const place = { team: 'T1', channel: 'C1' };

describe('what a channel shows of itself', () => {
  const cases: readonly [what: string, event: Json, expected: unknown][] = [
    [
      'a new topic',
      { type: 'message', subtype: 'channel_topic', channel: 'C1', user: 'U1', ts: '1.000100', topic: 'a' },
      { type: 'shown', what: 'topic', ...place, by: 'U1' },
    ],
    [
      'a new name',
      { type: 'message', subtype: 'channel_name', channel: 'C1', user: 'U1', ts: '1.000100', name: 'b' },
      { type: 'shown', what: 'name', ...place, by: 'U1', name: 'b' },
    ],
    [
      'a channel that became private',
      { type: 'message', subtype: 'channel_convert_to_private', channel: 'C1', user: 'U1', ts: '1.000100' },
      { type: 'channel', change: 'converted', ...place },
    ],
    [
      'a channel with another id',
      { type: 'channel_id_changed', old_channel_id: 'C1', new_channel_id: 'C2' },
      { type: 'channel', change: 'moved', ...place, to: 'C2' },
    ],
    [
      'a pin',
      {
        type: 'pin_added',
        user: 'U1',
        channel_id: 'C1',
        item: { type: 'message', message: { ts: '1.000100' } },
      },
      { type: 'pin', change: 'added', ...place, ts: '1.000100', by: 'U1' },
    ],
    [
      'a pinned file',
      { type: 'pin_removed', channel_id: 'C1', item: { type: 'file', file: { id: 'F1' } } },
      { type: 'ignored', reason: 'pin-of-other' },
    ],
    [
      'a look of our own that somebody else claims',
      { type: 'matrix_slack_bridge_look', channel: 'C1', at: 1 },
      { type: 'ignored', reason: 'unknown:matrix_slack_bridge_look' },
    ],
  ];
  for (const [what, event, expected] of cases)
    test(`${what} is read as such`, () => assert.deepEqual(read(event), expected));
});
