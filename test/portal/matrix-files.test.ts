import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater, Uncertain, WaitForFile } from '../../src/errors.ts';
import type { MatrixFile, MatrixMessage } from '../../src/events.ts';
import { plainText, textDoc } from '../../src/format/doc.ts';
import { appId, eventId, mxcUri, ts } from '../../src/ids.ts';
import type { PortalAttempt } from '../../src/portal/turn.ts';
import { handleUntilDone } from './support/handle.ts';
import { ourApp } from './support/recorded-slack.ts';
import { wordedFile } from './support/slack-files.ts';
import type { MatrixMessageEvent, World } from './support/world.ts';
import { ann, makeTurn, makeWorld, matrixMessage, room, slackMessage } from './support/world.ts';

const as = { name: '@ann:hs (Matrix)' };

function sent(name: string, more: Partial<MatrixFile> = {}): MatrixFile {
  return {
    kind: 'image',
    name,
    url: mxcUri(`mxc://hs/${name.replaceAll(' ', '')}`),
    size: 2048,
    mimetype: 'image/png',
    ...more,
  };
}

function picture(text = '', files: readonly MatrixFile[] = [sent('cat.png')]): MatrixMessageEvent {
  return matrixMessage('$m', text, { kind: 'file', files, text: textDoc(text) });
}

function calls({ slack }: World): readonly string[] {
  return slack.effects.map(({ call, name, ts }) => `${call} ${name ?? ts ?? ''}`);
}

async function links({ links }: World): Promise<readonly unknown[]> {
  return (await links.byEvent(eventId('$m'))).map(({ part, piece, ts }) => [part, piece, ts]);
}

const redaction = {
  type: 'redaction',
  event: eventId('$r'),
  room,
  sender: ann,
  at: 1,
  target: eventId('$m'),
} as const;

test('a picture is brought to Slack and shared once, under its sender’s name, and is the message from then on', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture());
  assert.deepEqual(world.files.asked, ['to Slack: cat.png by @ann:hs']);
  assert.deepEqual(calls(world), ['share FCATPNG']);
  const [shared] = world.slack.effects;
  assert.deepEqual(shared?.share, { files: [{ id: 'FCATPNG' }], as });
  assert.deepEqual(await links(world), [['file:FCATPNG', 50, shared?.ts]]);
  assert.ok(world.counted.includes('bridged matrix message'));
});

test('the caption is the message’s text, in its thread', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'root'));
  const root = world.matrix.of('send')[0]?.event;
  assert.ok(root);
  await handleUntilDone(world, { ...picture('my cat'), relation: { thread: root } });
  assert.deepEqual(world.slack.effects[0]?.share, {
    files: [{ id: 'FCATPNG' }],
    text: textDoc('my cat'),
    as,
    threadTs: '1500.000000',
  });
});

test('a picture that answers something quotes it', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'root'));
  const root = world.matrix.of('send')[0]?.event;
  assert.ok(root);
  await handleUntilDone(world, { ...picture(), relation: { replyTo: root } });
  const { text } = world.slack.effects[0]?.share ?? {};
  assert.equal(text?.blocks[0]?.type, 'quote');
});

test('the pictures of a gallery come together, more than ten in messages of ten', async () => {
  const world = makeWorld();
  const files = Array.from({ length: 12 }, (_, index) => sent(`p${index}.png`));
  await handleUntilDone(world, picture('our trip', files));
  const shares = world.slack.of('share');
  assert.deepEqual(
    shares.map(({ share }) => [share?.files.length, share?.text && plainText(share.text)]),
    [
      [10, 'our trip'],
      [2, undefined],
    ],
  );
  assert.deepEqual(
    (await links(world)).map((link) => [link].flat().slice(0, 2)),
    [
      ['file:FP0PNG', 50],
      ['file:FP10PNG', 51],
    ],
  );
});

test('the same picture twice in a gallery is brought twice', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture('', [sent('cat.png'), sent('cat.png')]));
  assert.equal(world.files.sources.size, 2);
});

test('a sticker is titled with what it shows', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture('', [sent('A cat', { kind: 'sticker', altText: 'A cat' })]));
  assert.deepEqual(world.slack.effects[0]?.share?.files, [{ id: 'FACAT', title: 'A cat' }]);
});

test('a file that takes long is waited for aside, and shared when it came', async () => {
  const world = makeWorld();
  world.files.instead.set('cat.png', 'never');
  await assert.rejects(world.fromMatrix(picture()), WaitForFile);
  assert.deepEqual(world.slack.effects, []);
  world.files.instead.clear();
  await handleUntilDone(world, picture());
  assert.deepEqual(calls(world), ['share FCATPNG']);
});

test('a file that can’t be brought is told by its name and why, and its sender knows', async () => {
  const world = makeWorld();
  world.files.instead.set('cat.png', new CannotBridge('file-too-large', 'it is too large for Slack'));
  await handleUntilDone(world, picture('my cat'));
  assert.deepEqual(world.slack.posted(), [
    'my cat\n\n🖼️ [cat.png (2.0 KB)](https://matrix.to/#/!room%3Ahs/%24m?via=hs) – it is too large for Slack',
  ]);
  const [notice] = world.matrix.of('send');
  assert.equal(notice?.message?.replyTo, '$m');
  assert.match(notice?.text ?? '', /cat\.png \(2\.0 KB\): it is too large for Slack/);
});

test('of several files those that can be brought are shared, the others told', async () => {
  const world = makeWorld();
  world.files.instead.set('b.png', new CannotBridge('file-gone', 'it is gone'));
  await handleUntilDone(world, picture('', [sent('a.png'), sent('b.png'), sent('c.png')]));
  const [shared, ...more] = world.slack.effects;
  assert.equal(shared?.name, 'FAPNG FCPNG');
  assert.match(shared?.text ?? '', /b\.png .* – it is gone$/);
  assert.deepEqual(more, []);
});

test('what holds for a whole workspace is told to a room once', async () => {
  const world = makeWorld();
  world.files.instead.set('cat.png', new CannotBridge('missing_scope', 'the app lacks files:write'));
  await handleUntilDone(world, picture());
  await handleUntilDone(world, { ...picture(), event: eventId('$n') });
  assert.equal(world.slack.posted().length, 2);
  assert.equal(world.matrix.of('send').length, 1);
});

test('files that Slack refuses when they are shared are told by their names', async () => {
  const world = makeWorld();
  world.slack.share = async () => Promise.reject(new CannotBridge('file_type_not_allowed', 'not allowed'));
  await handleUntilDone(world, picture('my cat'));
  assert.match(world.slack.posted()[0] ?? '', /^my cat\n\n.*cat\.png.* – not allowed$/);
});

test('a message refused as a whole is refused', async () => {
  const world = makeWorld();
  world.slack.share = async () => Promise.reject(new CannotBridge('is_archived', 'archived'));
  await assert.rejects(world.fromMatrix(picture()), CannotBridge);
});

test('a long caption goes on in posts after the files', async () => {
  const world = makeWorld();
  world.slack.pieceLength = 10;
  await handleUntilDone(world, picture('a long caption of posts'));
  assert.deepEqual(
    world.slack.effects.map(({ call, text }) => [call, text]),
    [
      ['share', 'a long cap'],
      ['post', 'tion of po'],
      ['post', 'sts'],
    ],
  );
  await world.fromMatrix(redaction);
  assert.ok(await world.links.isDeletedEvent(eventId('$m')));
});

/** The process ends with this call, before it or after it was applied; then the item is handled again. */
async function killedAt(world: World, applied: boolean, message: MatrixMessageEvent): Promise<void> {
  const { share } = world.slack;
  world.slack.share = async (...args) => {
    if (applied) await share(...args);
    throw new Error('the process ends');
  };
  const { turn, begun } = makeTurn(world.links);
  await assert.rejects(world.portals.fromMatrix(message, turn), /the process ends/);
  world.slack.share = share;
  await handleUntilDone(world, message, begun);
}

test('a share that was applied before the process ended is found, and not repeated', async () => {
  const world = makeWorld();
  await killedAt(world, true, picture('my cat'));
  assert.deepEqual(calls(world), ['share FCATPNG']);
  assert.deepEqual(await links(world), [['file:FCATPNG', 50, '2000.000001']]);
});

test('a share that wasn’t applied is made again with a new file, once the old one can’t come any more', async () => {
  const world = makeWorld();
  await killedAt(world, false, picture());
  assert.deepEqual(calls(world), ['remove-file FCATPNG', 'share FCATPNG2']);
  assert.deepEqual(world.files.forgotten, ['FCATPNG']);
});

test('a share without an answer is found in history', async () => {
  const world = makeWorld();
  world.slack.share = async (_place, share) => {
    world.slack.recordShare(share);
    throw new Uncertain('time out');
  };
  await handleUntilDone(world, picture());
  assert.deepEqual(calls(world), ['share FCATPNG']);
});

test('the echo of shared files links them, whichever file Slack names first', async () => {
  const world = makeWorld();
  const { share } = world.slack;
  world.slack.findByOpKey = async () => assert.fail('the echo was there');
  world.slack.share = async (place, sharing) => {
    await share(place, sharing);
    const at = world.slack.of('share')[0]?.ts ?? '';
    const files = sharing.files.toReversed().map(({ id }) => wordedFile(id, 'x'));
    await world.fromSlack(slackMessage(at, '', { app: appId(ourApp), files }));
  };
  await handleUntilDone(world, picture('', [sent('a.png'), sent('b.png')]));
  assert.deepEqual(await links(world), [['file:FAPNG', 50, '2000.000001']]);
  assert.deepEqual(world.matrix.effects, []);
});

test('a file that Slack forgot while the message waited is brought again', async () => {
  const world = makeWorld();
  const { share } = world.slack;
  world.slack.share = async () => {
    world.slack.share = share;
    throw new CannotBridge('file_not_found', 'gone');
  };
  await handleUntilDone(world, picture());
  assert.deepEqual(calls(world), ['remove-file FCATPNG', 'share FCATPNG2']);
});

test('handled once more, a message that is in Slack is left as it is', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture('my cat'));
  await handleUntilDone(world, picture('my cat'));
  assert.deepEqual(calls(world), ['share FCATPNG']);
  assert.equal(world.files.asked.length, 1); // whatever is remembered of its files
});

test('redacted, the message goes with all its files', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture('', [sent('a.png'), sent('b.png')]));
  const at = ts('2000.000001');
  const files = ['FAPNG', 'FBPNG'].map((id) => wordedFile(id, id));
  world.slack.messages.set(at, slackMessage(at, '', { files }));
  await world.fromMatrix(redaction);
  assert.deepEqual(calls(world).slice(1), ['remove-file FAPNG', 'remove-file FBPNG', `remove ${at}`]);
  assert.deepEqual(world.files.forgotten, ['FAPNG', 'FBPNG']);
  assert.ok(await world.links.isDeletedEvent(eventId('$m')));
});

async function edit(world: World, message: Partial<MatrixMessage>, at = 1): Promise<void> {
  const { type: _, ...original } = picture('my cat');
  world.matrix.messages.set(original.event, original);
  const edited = { ...original, ...message, event: eventId(`$e${at}`), at: original.at + at };
  const { event, sender } = edited;
  const target = eventId('$m');
  await handleUntilDone(world, { type: 'edit', event, room, sender, at: edited.at, target, message: edited });
}

test('the edit of a caption changes the text above the picture, which stays', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture('my cat'));
  await edit(world, { text: textDoc('our cat') });
  assert.deepEqual(calls(world).slice(1), ['update 2000.000001']);
  assert.equal(world.slack.of('update')[0]?.text, 'our cat');
  await edit(world, { text: textDoc('') }, 2);
  assert.equal(world.slack.of('update')[1]?.text, '');
});

test('an edit that replaces the picture shares the new one, then removes the old one', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture('my cat'));
  await edit(world, { files: [sent('dog.png')], text: textDoc('my dog') });
  assert.deepEqual(calls(world).slice(1), ['share FDOGPNG', 'remove-file FCATPNG', 'remove 2000.000001']);
  assert.deepEqual(await links(world), [['file:FDOGPNG', 51, '2000.000002']]);
  await edit(world, { files: [sent('dog.png')], text: textDoc('the dog') }, 2);
  assert.deepEqual(calls(world).slice(4), ['update 2000.000002']);
});

test('an edit whose share was begun when the process ended ends with one picture', async () => {
  for (const applied of [true, false]) {
    const world = makeWorld();
    await handleUntilDone(world, picture('my cat'));
    const { share } = world.slack;
    world.slack.share = async (...args) => {
      world.slack.share = share;
      if (applied) await share(...args);
      throw new Uncertain('time out');
    };
    await edit(world, { files: [sent('dog.png')] });
    const id = applied ? 'FDOGPNG' : 'FDOGPNG2';
    assert.deepEqual(await links(world), [[`file:${id}`, 51, '2000.000002']]);
    assert.equal(world.slack.of('remove').length, 1);
  }
});

test('where a new picture can’t be brought the old one stays, and the sender is told', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture('my cat'));
  world.files.instead.set('dog.png', new CannotBridge('file-gone', 'it is gone'));
  await edit(world, { files: [sent('dog.png')] });
  assert.deepEqual(calls(world).slice(1), ['update 2000.000001']);
  assert.match(world.matrix.of('send')[0]?.text ?? '', /dog\.png/);
});

test('a picture that becomes a text by an edit makes way for it', async () => {
  const world = makeWorld();
  await handleUntilDone(world, picture('my cat'));
  const { files: _, ...text } = picture('no cat');
  await edit(world, { ...text, kind: 'text' });
  const { type: __, ...rest } = matrixMessage('$e2', 'no cat', { at: picture().at + 2 });
  const target = eventId('$m');
  await handleUntilDone(world, { ...rest, type: 'edit', target, message: rest });
  assert.deepEqual(calls(world).slice(-3), ['post 2000.000002', 'remove-file FCATPNG', 'remove 2000.000001']);
  assert.deepEqual(await links(world), [['text', 0, '2000.000002']]);
});

test('a picture that couldn’t be brought, and can by an edit, comes in place of its name', async () => {
  const world = makeWorld();
  world.files.instead.set('cat.png', new CannotBridge('file-gone', 'it is gone'));
  await handleUntilDone(world, picture('my cat'));
  world.files.instead.clear();
  await edit(world, { text: textDoc('our cat') });
  assert.deepEqual(calls(world), ['post 2000.000001', 'share FCATPNG', 'remove 2000.000001']);
});

test('a message that was edited before its file came isn’t shared as it was', async () => {
  const world = makeWorld();
  world.files.instead.set('cat.png', 'never');
  await assert.rejects(world.fromMatrix(picture('my cat')), WaitForFile);
  world.files.instead.clear();
  const { type: _, ...original } = picture('my cat');
  world.matrix.messages.set(original.event, original);
  const message = { ...original, text: textDoc('our cat'), event: eventId('$e'), at: original.at + 1 };
  const { event, sender, at } = message;
  const change = { type: 'edit', event, room, sender, at, target: eventId('$m'), message } as const;
  await handleUntilDone(world, change, [], { waited: true });
  await handleUntilDone(world, picture('my cat'));
  assert.deepEqual(
    world.slack.effects.map(({ call, text }) => [call, text]),
    [['share', 'our cat']],
  );
});

test('nobody’s file goes to Slack who may not write there', async () => {
  const world = makeWorld();
  world.permissions.set(ann, 'none');
  await assert.rejects(world.fromMatrix(picture()), CannotBridge);
  assert.deepEqual(world.files.asked, []);
});

test('what is out of reach is tried later', async () => {
  const world = makeWorld();
  world.files.instead.set('cat.png', new TryLater('the homeserver is away', { target: 'matrix' }));
  await assert.rejects(world.fromMatrix(picture()), TryLater);
  const open: readonly PortalAttempt[] = makeTurn(world.links).begun;
  assert.deepEqual(open, []);
});
