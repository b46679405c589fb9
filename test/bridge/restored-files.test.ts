import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOfCopies, filesOfShares } from '../../src/bridge/restore-files.ts';
import { matchShares } from '../../src/bridge/restore-shares.ts';
import type { WrittenFiles } from '../../src/bridge/restore-shares.ts';
import { createTrace } from '../../src/bridge/restore-trace.ts';
import { eventId, fileId, matrixUserId, mxcUri, slackUserId, ts } from '../../src/ids.ts';
import { transactionIds, transactionKey } from '../../src/matrix/transaction-id.ts';
import { sourcesOf } from '../../src/portal/from-matrix/sent-files.ts';
import { portal } from '../portal/support/world.ts';

const bridgeId = 'the id of this test';
const ann = matrixUserId('@ann:hs');
const at = ts('1700000001.000100');

function copy(part: string, content: Readonly<Record<string, unknown>>) {
  const transaction = transactionIds(bridgeId)('send', { fact: `slack:${portal.id}:message:${at}`, part });
  const external_url = 'https://acme.slack.com/archives/C1/p1700000001000100';
  const own = { external_url, [transactionKey]: transaction, 'matrix_slack_bridge.file': 'F0ABCDEF12' };
  return {
    event_id: `$${part}`,
    sender: '@slack_u1:hs',
    type: 'm.room.message',
    content: { ...own, ...content },
  };
}

test('what the homeserver has of a file is known by the event that shows it', () => {
  const isOurs = (user: string): boolean => user.startsWith('@slack_');
  const trace = createTrace({ portal: portal.id, room: portal.room, bridgeId, isOurs });
  const thumbnail_info = { mimetype: 'image/jpeg', size: 5 };
  const info = { mimetype: 'image/png', size: 12, thumbnail_url: 'mxc://hs/2', thumbnail_info };
  const file = { msgtype: 'm.image', body: 'look', filename: 'plan.png' };
  trace.add(copy('file:F0ABCDEF12', { ...file, url: 'mxc://hs/1', info }));
  trace.add(copy('channel:file:F0ABCDEF12', { ...file, file: { url: 'mxc://hs/3' } }));
  trace.add(copy('text', { msgtype: 'm.text', body: 'no file', url: 'mxc://hs/4', info }));
  const author = slackUserId('U1');
  const files = filesOfCopies({ portal, trace, matrix: { authorOf: () => ({ author }) } });
  assert.equal(trace.copies.length, 3);
  const common = {
    portal: portal.id,
    source: 'F0ABCDEF12',
    sender: 'U1',
    direction: 'to_matrix',
    at: 1_700_000_001_000,
  };
  assert.deepEqual(files, [
    {
      ...common,
      key: 'media:7:file:F0ABCDEF12',
      kind: 'file',
      target: 'mxc://hs/1',
      size: 12,
      mimetype: 'image/png',
    },
    {
      ...common,
      key: 'media:7:thumbnail:F0ABCDEF12',
      kind: 'thumbnail',
      target: 'mxc://hs/2',
      size: 5,
      mimetype: 'image/jpeg',
    },
  ]);
});

const image = (name: string) =>
  ({ kind: 'image', name, url: mxcUri('mxc://hs/any'), mimetype: 'image/png' }) as const;

function written(id: string, target: string, ...names: readonly string[]): WrittenFiles {
  const of = { sender: ann, at: 1_700_000_000_000, files: names.map(image) };
  return { event: eventId(id), target: eventId(target), ...of };
}

test('what Slack has of a message’s files is known by the share that shows them, whichever could be brought', async () => {
  const share = {
    ts: at,
    part: 'file:FA',
    username: 'Ann (Matrix)',
    names: ['a.png', 'c.png'],
    ids: [fileId('FA'), fileId('FC')],
  } as const;
  const original = written('$1', '$1', 'a.png', 'lost.png', 'c.png');
  const shares = await matchShares(
    { portal, links: { byTs: async () => [] }, nameOf: async () => 'Ann (Matrix)' },
    [share],
    [original, written('$edit', '$1', 'd.png')],
  );
  const sources = sourcesOf({ event: eventId('$1') }, original.files);
  assert.deepEqual(
    filesOfShares(portal.id, shares).map(({ key, target, sender, direction }) => [
      key,
      target,
      sender,
      direction,
    ]),
    [
      [`media:7:file:${sources[0]}`, 'FA', ann, 'to_slack'],
      [`media:7:file:${sources[2]}`, 'FC', ann, 'to_slack'],
    ],
  );
});
