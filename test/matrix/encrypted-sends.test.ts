import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { textDoc } from '../../src/format/doc.ts';
import { authorId, eventId, fileId, matrixUserId, mxcUri, roomId } from '../../src/ids.ts';
import type { Call, HomeserverClient } from '../../src/matrix/call.ts';
import { createEchoMarks } from '../../src/matrix/echo-mark.ts';
import type { JsonObject } from '../../src/matrix/json.ts';
import type { Membership } from '../../src/matrix/membership.ts';
import { createSends } from '../../src/matrix/sends.ts';
import { transactionKey } from '../../src/matrix/transaction-id.ts';
import type { OutgoingEvent, OutgoingMedia } from '../../src/portal/ports.ts';

const room = roomId('!room:hs');
const ghost = matrixUserId('@slack_bob:hs');
const key = { fact: 'slack:1:message:1.000000', part: 'text' };
const cipher = { key: 'k', iv: 'i', sha256: 's' };

/** A homeserver that takes everything, and encryption that says what it was given. */
function bed(encrypted: boolean | Error = true) {
  const calls: Call[] = [];
  const inside: JsonObject[] = [];
  const call: HomeserverClient['call'] = async (made) => {
    calls.push(made);
    return { event_id: '$sent' };
  };
  const membership = {
    inRoom: (user: string, _room: string, act: (as: object) => unknown) => act({ user }),
  } as unknown as Membership; // what sends use of it
  const sends = createSends({
    client: { call } as HomeserverClient, // no other request is made
    membership,
    bot: matrixUserId('@slackbot:hs'),
    bridgeId: 'bridge',
    isOurs: (user) => user.startsWith('@slack'),
    marks: createEchoMarks('bridge'),
    crypto: {
      isEncrypted: async () => {
        if (encrypted instanceof Error) throw encrypted;
        return encrypted;
      },
      encrypt: async (as, _room, type, content) => {
        inside.push({ as, type, ...content });
        return { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'secret' };
      },
    },
  });
  const sent = () => calls.map(({ path, body }) => ({ path, body: body as JsonObject }));
  return { sends, inside, sent };
}

const message: OutgoingEvent = {
  kind: 'text',
  text: textDoc('hello'),
  externalUrl: 'https://acme.slack.com/archives/C1/p1000000',
};

const picture: OutgoingMedia = {
  kind: 'image',
  url: mxcUri('mxc://hs/1'),
  cipher,
  name: 'cat.png',
  mimetype: 'image/png',
  size: 10,
};

describe('in an encrypted room', () => {
  it('a message is encrypted, by the transaction id that it has in clear', async () => {
    const [clear, secret] = [bed(false), bed()];
    await clear.sends.send(ghost, room, message, key);
    await secret.sends.send(ghost, room, message, key);
    const [inClear, hidden] = [clear.sent()[0], secret.sent()[0]];
    assert.deepEqual(inClear?.path.slice(-2)[0], 'm.room.message');
    assert.deepEqual(hidden?.path.slice(-2), ['m.room.encrypted', inClear?.path.at(-1)]);
    assert.equal(JSON.stringify(hidden.body).includes('hello'), false);
    assert.deepEqual(secret.inside[0], { as: ghost, type: 'm.room.message', ...inClear?.body });
    assert.deepEqual(Object.keys(hidden.body).toSorted(), [
      'algorithm',
      'ciphertext',
      'external_url',
      transactionKey,
    ]);
  });

  it('an edit is encrypted, too; reactions and removals are not', async () => {
    const { sends, sent } = bed();
    const target = eventId('$target');
    await sends.edit(ghost, room, target, message, key);
    await sends.react(ghost, room, target, { key: '👍' }, key);
    await sends.redact(ghost, room, target, key);
    const kinds = sent().map(({ path }) => path.at(-2));
    assert.deepEqual(kinds, ['m.room.encrypted', 'm.reaction', '$target']);
  });

  it('nothing is sent while it is not known whether it is one', async () => {
    const { sends, sent } = bed(new TryLater('the homeserver is away', { target: 'matrix' }));
    await assert.rejects(sends.send(ghost, room, message, key), TryLater);
    assert.deepEqual(sent(), []);
  });

  it('a person’s own account says nothing for us', async () => {
    const { sends, sent } = bed();
    const asAnn = { ...key, author: authorId('UANN') };
    const refused = (error: unknown) => error instanceof CannotBridge && error.reason === 'double-away';
    await assert.rejects(sends.send(matrixUserId('@ann:hs'), room, message, asAnn), refused);
    assert.deepEqual(sent(), []);
  });

  it('a file that was brought in clear is not shown', async () => {
    const { sends, sent } = bed();
    const { cipher: _, ...inClear } = picture;
    const thumbnail = { url: picture.url, mimetype: 'image/png', size: 1, width: 1, height: 1 };
    for (const file of [inClear, { ...picture, thumbnail }])
      await assert.rejects(sends.send(ghost, room, { ...message, file }, key), TryLater);
    assert.deepEqual(sent(), []);
  });

  it('what a file is stands inside; outside, that it has a caption, and which file of Slack it is', async () => {
    const { sends, sent, inside } = bed();
    const thumbnail = { url: picture.url, cipher, mimetype: 'image/png', size: 1, width: 1, height: 1 };
    const slackFile = fileId('F1');
    await sends.send(ghost, room, { ...message, slackFile, file: { ...picture, thumbnail } }, key);
    const shown = sent()[0]?.body;
    assert.equal(JSON.stringify(shown).includes('cat.png'), false);
    assert.equal(shown?.['matrix_slack_bridge.caption'], true);
    assert.equal(shown['matrix_slack_bridge.file'], 'F1');
    const [content] = inside;
    const info = content?.['info'] as JsonObject;
    assert.equal(content?.['url'], undefined);
    assert.equal(info['thumbnail_url'], undefined);
    for (const file of [content?.['file'], info['thumbnail_file']])
      assert.deepEqual(file, {
        v: 'v2',
        url: picture.url,
        key: { kty: 'oct', key_ops: ['encrypt', 'decrypt'], alg: 'A256CTR', k: 'k', ext: true },
        iv: 'i',
        hashes: { sha256: 's' },
      });
  });

  it('a long text leaves room for what encryption adds', async () => {
    const { sends, inside } = bed();
    await sends.send(ghost, room, { kind: 'text', text: textDoc('ü'.repeat(60_000)) }, key);
    const size = Buffer.byteLength(JSON.stringify(inside[0]));
    assert.ok(size > 40_000 && (size * 4) / 3 < 60_000, `${size}`);
  });
});
