import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater, WaitForFile } from '../../src/errors.ts';
import type { SlackFile, SlackMessage } from '../../src/events.ts';
import { plainText } from '../../src/format/doc.ts';
import { botId, ts } from '../../src/ids.ts';
import type { Change } from '../../src/portal/ports.ts';
import { fileOf, pictureOf, wordedFile } from './support/slack-files.ts';
import { makeTurn, makeWorld, place, portal, slackMessage } from './support/world.ts';
import type { World } from './support/world.ts';

const at = '1500.000000';

function withFiles(text: string, files: readonly SlackFile[], more: Partial<SlackMessage> = {}) {
  return slackMessage(at, text, { files, ...more });
}

/** What people see: `image a.png: caption` for a file, else the words. */
function seen(world: World): readonly string[] {
  return world.matrix.of('send').map(({ message, text }) => {
    const { file } = message ?? {};
    return file ? `${file.kind} ${file.name}: ${message ? plainText(message.text) : ''}` : (text ?? '');
  });
}

async function partsLinked(world: World): Promise<readonly string[]> {
  const links = await world.links.byTs(portal.id, ts(at));
  return links.map(({ event, part, piece }) => `${part} ${piece} ${event ?? 'nothing'}`);
}

test('a text with one file is its caption: one event, which is both parts', async () => {
  const world = makeWorld();
  const thumbnail = { url: 'https://files.slack.com/t', width: 720, height: 480 };
  const altText = 'a house';
  await world.fromSlack(withFiles('look', [pictureOf('F1', 'a.png', { thumbnail, altText })]));
  assert.deepEqual(seen(world), ['image a.png: look']);
  const [sent] = world.matrix.of('send');
  assert.deepEqual(sent?.message?.file, {
    kind: 'image',
    url: 'mxc://hs/file-F1',
    name: 'a.png',
    mimetype: 'image/png',
    size: 1000,
    width: 1200,
    height: 800,
    thumbnail: { url: 'mxc://hs/thumbnail-F1', mimetype: 'image/png', size: 1000, width: 720, height: 480 },
    altText,
  });
  assert.equal(sent?.key?.part, 'file:F1');
  assert.deepEqual(await partsLinked(world), ['file:F1 0 $ours1', 'text 1 $ours1']);
  await world.fromSlack(withFiles('look', [pictureOf('F1')]));
  assert.equal(world.matrix.of('send').length, 1);
  assert.deepEqual(world.files.asked, ['to Matrix: F1 by UBOB', 'to Matrix: thumbnail of F1 by UBOB']);
});

test('where people don’t want captions the text stands before the file', async () => {
  const world = makeWorld({ ...portal, policy: { ...portal.policy, captions: false } });
  await world.fromSlack(withFiles('look', [pictureOf('F1', 'a.png')]));
  assert.deepEqual(seen(world), ['look', 'image a.png: ']);
  assert.deepEqual(await partsLinked(world), ['text 0 $ours1', 'file:F1 0 $ours2']);
});

test('several files stand below the text, in their order, and all are begun before the first is awaited', async () => {
  const world = makeWorld();
  const files = [pictureOf('F1', 'a.png'), fileOf('F2', 'b.pdf'), pictureOf('F3', 'c.png')];
  const { send } = world.matrix;
  const asked: number[] = [];
  world.matrix.send = async (...args) => {
    asked.push(world.files.asked.length);
    return send(...args);
  };
  await world.fromSlack(withFiles('three', files));
  assert.deepEqual(seen(world), ['three', 'image a.png: ', 'file b.pdf: ', 'image c.png: ']);
  assert.deepEqual(asked, [3, 3, 3, 3]);
});

test('what something is its bytes say, not Slack', async () => {
  const kinds = async (mimetype: string, more: Partial<SlackFile> = {}): Promise<string | undefined> => {
    const shown = makeWorld();
    shown.files.mimetypes.set('F1', mimetype);
    await shown.fromSlack(withFiles('', [pictureOf('F1', 'a.png', more)]));
    const { file } = shown.matrix.of('send')[0]?.message ?? {};
    return `${file?.kind} ${file?.mimetype} ${file?.width}`;
  };
  const thumbnail = { url: 'https://files.slack.com/t', width: 720, height: 480 };
  assert.equal(await kinds('image/gif'), 'image image/gif 1200');
  assert.equal(await kinds('application/zip'), 'file application/zip undefined');
  assert.equal(await kinds('text/html'), 'file text/html undefined');
  assert.equal(await kinds('image/svg+xml'), 'file image/svg+xml undefined');
  assert.equal(await kinds('image/heic'), 'file image/heic undefined');
  assert.equal(await kinds('image/heic', { thumbnail }), 'image image/heic 1200');
  assert.equal(await kinds('video/mp4'), 'video video/mp4 1200');
  assert.equal(await kinds('video/mp4', { voice: true }), 'voice audio/mp4 undefined');
  assert.equal(await kinds('audio/x-m4a', { voice: true }), 'voice audio/mp4 undefined');
  assert.equal(await kinds('audio/mpeg'), 'audio audio/mpeg undefined');
});

test('a voice has its length and its waveform', async () => {
  const world = makeWorld();
  const voice = { mimetype: 'audio/mp4', voice: true, duration: 5210, waveform: [1, 20, 100] } as const;
  await world.fromSlack(withFiles('', [fileOf('F1', 'audio_message.m4a', voice)]));
  const { file } = world.matrix.of('send')[0]?.message ?? {};
  assert.deepEqual([file?.kind, file?.duration, file?.waveform], ['voice', 5210, [1, 20, 100]]);
});

test('a file that can’t be brought is told in words with the reason, and the text doesn’t go with it', async () => {
  const world = makeWorld();
  world.files.instead.set(
    'F1',
    new CannotBridge('file-too-large', 'too large for this homeserver: at most 50 MB'),
  );
  await world.fromSlack(withFiles('look', [fileOf('F1', 'film.mp4', { size: 70_000_000 })]));
  assert.deepEqual(seen(world), [
    'look',
    '📎 [film.mp4 (70 MB)](https://acme.slack.com/files/F1) – too large for this homeserver: at most 50 MB',
  ]);
  assert.deepEqual(await partsLinked(world), ['text 0 $ours1', 'file:F1 0 $ours2']);
});

test('a missing thumbnail is no reason to go without the file', async () => {
  const world = makeWorld();
  world.files.instead.set('thumbnail of F1', new CannotBridge('gone', 'gone'));
  const thumbnail = { url: 'https://files.slack.com/t', width: 720, height: 480 };
  await world.fromSlack(withFiles('', [pictureOf('F1', 'a.png', { thumbnail })]));
  assert.deepEqual(seen(world), ['image a.png: ']);
  assert.equal(world.matrix.of('send')[0]?.message?.file?.thumbnail, undefined);
});

test('a text waits for its file as long as the message keeps its place, then it is said and the file follows', async () => {
  const world = makeWorld();
  world.files.instead.set('F1', 'never');
  const message = withFiles('look', [pictureOf('F1')]);
  await assert.rejects(world.fromSlack(message), WaitForFile);
  assert.deepEqual(seen(world), ['look']);
  await assert.rejects(world.fromSlack(message), WaitForFile);
  world.files.instead.clear();
  await world.fromSlack(message);
  assert.deepEqual(seen(world), ['look', 'image a.png: ']);
});

test('words that were said without their file are no caption later, though a crash lost what was remembered', async () => {
  const world = makeWorld();
  const parts = () => world.matrix.of('send').map(({ key }) => key?.part);
  const message = withFiles('look', [pictureOf('F1')]);
  world.files.instead.set('F1', 'never');
  await assert.rejects(world.fromSlack(message), WaitForFile);
  assert.deepEqual(parts(), ['text']);
  world.links.links = [];
  world.files.instead.clear();
  await world.fromSlack(message);
  assert.deepEqual(parts(), ['text', 'file:F1']);
  assert.deepEqual(seen(world), ['look', 'image a.png: ']);
});

test('a text that was said without its file isn’t said again as its caption, wherever the process is killed', async () => {
  const world = makeWorld();
  world.files.instead.set('F1', 'never');
  const message = withFiles('look', [pictureOf('F1')]);
  const { turn } = makeTurn(world.links);
  let pending: Change[] = [];
  const killed = {
    ...turn,
    remember: (change: Change) => void pending.push(change),
    flush: async () => {
      for (const change of pending) world.links.apply(change);
      pending = [];
    },
  };
  await assert.rejects(world.portals.fromSlack(message, killed), WaitForFile);
  world.files.instead.clear();
  await world.fromSlack(message);
  assert.deepEqual(seen(world), ['look', 'image a.png: ']);
  assert.deepEqual(await partsLinked(world), ['text 0 $ours1', 'file:F1 0 $ours2']);
});

test('a message that a reply needs comes whole: nothing of it is left behind while the reply waits', async () => {
  const world = makeWorld();
  const root = slackMessage('900.000000', 'root', { files: [pictureOf('F1'), pictureOf('F2', 'b.png')] });
  world.slack.messages.set(root.ts, root);
  world.files.instead.set('F2', 'never');
  const reply = slackMessage(at, 'reply', { threadTs: root.ts });
  await assert.rejects(world.fromSlack(reply, { waited: true }), WaitForFile);
  assert.deepEqual(seen(world), []);
  world.files.instead.clear();
  await world.fromSlack(reply, { waited: true });
  assert.deepEqual(seen(world), ['root', 'image a.png: ', 'image b.png: ', 'reply']);
});

test('a homeserver that is away keeps the message, and sends nothing twice', async () => {
  const world = makeWorld();
  const message = withFiles('look', [pictureOf('F1'), pictureOf('F2', 'b.png')]);
  world.files.instead.set('F2', new TryLater('away', { target: 'matrix' }));
  await assert.rejects(world.fromSlack(message), TryLater);
  world.files.instead.clear();
  await world.fromSlack(message);
  assert.deepEqual(seen(world), ['look', 'image a.png: ', 'image b.png: ']);
});

test('words stand for what is no file: pages, files of elsewhere, hidden ones; short snippets are shown', async () => {
  const world = makeWorld();
  const permalink = 'https://acme.slack.com/files/F1';
  const snippet = { text: 'set -e\nmake all', language: 'sh', whole: true };
  await world.fromSlack(
    withFiles('', [
      wordedFile('F1', 'Notes of the meeting', { nature: 'page', permalink }),
      wordedFile('F2', 'Agenda', {
        nature: 'elsewhere',
        service: 'Google Drive',
        permalink: 'https://docs.google.com/d/1',
      }),
      wordedFile('F3', 'file', { nature: 'hidden' }),
      fileOf('F4', 'deploy.sh', { size: 15, snippet }),
      wordedFile('F5', 'Minutes', {
        nature: 'page',
        permalink,
        mail: { from: 'Eve <eve@x.org>', text: 'As agreed.' },
      }),
      fileOf('F6', 'long.sh', { size: 9000, snippet: { ...snippet, text: 'x'.repeat(9000) } }),
    ]),
  );
  assert.deepEqual(seen(world), [
    '📄 [Notes of the meeting](https://acme.slack.com/files/F1)',
    '🔗 [Agenda (Google Drive)](https://docs.google.com/d/1)',
    '📎 a file that Slack doesn’t show any more in this workspace’s plan',
    '📎 [deploy.sh (15 bytes)](https://acme.slack.com/files/F4)\n```sh\nset -e\nmake all\n```',
    '✉️ [Minutes](https://acme.slack.com/files/F1) from Eve <eve@x.org>\n> As agreed.',
    'file long.sh: ',
  ]);
  assert.deepEqual(world.files.asked, ['to Matrix: F6 by UBOB']);
});

test('a file that is told by its id alone is asked for, and so is the rest of a short snippet', async () => {
  const world = makeWorld();
  const snippet = { text: 'set -e', whole: false };
  world.slack.fileInfos.set('F1', pictureOf('F1', 'theirs.png'));
  world.slack.fileInfos.set('F2', fileOf('F2', 'x', { snippet: { text: 'set -e\nmake', whole: true } }));
  await world.fromSlack(
    withFiles('', [
      wordedFile('F1', 'file', { nature: 'unknown' }),
      fileOf('F2', 'x', { size: 11, snippet }),
      wordedFile('F3', 'file', { nature: 'unknown' }),
    ]),
  );
  assert.deepEqual(seen(world), [
    'image theirs.png: ',
    '📎 [x (1.0 KB)](https://acme.slack.com/files/F2)\n```\nset -e\nmake\n```',
    '📎 file – Slack doesn’t show it to the bridge',
  ]);
});

test('a reply that was also sent to the channel has its file in both places, brought once', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1400.000000', 'root'));
  const more = { threadTs: ts('1400.000000'), broadcast: true };
  await world.fromSlack(withFiles('look', [pictureOf('F1')], more));
  assert.deepEqual(seen(world).slice(1), ['image a.png: look', 'image a.png: look']);
  const [root, inThread, inChannel] = world.matrix.of('send');
  assert.equal(inThread?.message?.thread?.root, root?.event);
  assert.equal(inChannel?.message?.replyTo, root?.event);
  assert.deepEqual(world.files.asked, ['to Matrix: F1 by UBOB']);
  assert.deepEqual(await partsLinked(world), [
    'file:F1 0 $ours2',
    'text 1 $ours2',
    'channel:file:F1 0 $ours3',
    'channel:text 1 $ours3',
  ]);
});

test('an app’s file has the name that its post has, and what somebody does is no caption', async () => {
  const world = makeWorld();
  const author = { type: 'bot', id: botId('BJIRA'), name: 'Build 7' } as const;
  await world.fromSlack(withFiles('done', [fileOf('F1', 'log.txt')], { author }));
  assert.equal(world.matrix.of('send')[0]?.message?.speaker?.name, 'Build 7');
  const deeds = makeWorld();
  await deeds.fromSlack(withFiles('waves', [pictureOf('F1')], { emote: true }));
  assert.deepEqual(seen(deeds), ['waves', 'image a.png: ']);
});

test('a file whose words are there already, from before files were brought, stays as it is', async () => {
  const world = makeWorld();
  await world.fromSlack(withFiles('look', [wordedFile('F1', 'a.png')]));
  await world.fromSlack(withFiles('look', [pictureOf('F1')]));
  assert.deepEqual(seen(world), ['look', '📎 a.png']);
});

test('a name of a file is only a name', async () => {
  const world = makeWorld();
  const long = `${'x'.repeat(300)}.tar`;
  for (const [index, name] of ['../../etc/pass\u202ewd', '..', '\n', long].entries())
    await world.fromSlack(slackMessage(`150${index}.000000`, '', { files: [fileOf(`F${index + 1}`, name)] }));
  const names = world.matrix.of('send').map(({ message }) => message?.file?.name);
  assert.deepEqual(names, ['_.._etc_passwd', 'file', 'file', `${'x'.repeat(115)}….tar`]);
});

test('a deleted message takes its files from the homeserver, each once', async () => {
  const world = makeWorld();
  await world.fromSlack(withFiles('look', [pictureOf('F1')]));
  await world.fromSlack({ type: 'delete', ...place, ts: ts(at) });
  assert.deepEqual(
    world.matrix.of('redact').map(({ target }) => target),
    ['$ours1'],
  );
  assert.deepEqual(world.files.removed, ['F1 of portal 7']);
});
