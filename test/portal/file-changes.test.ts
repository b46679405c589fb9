import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, WaitForFile, WaitForParent } from '../../src/errors.ts';
import type { SlackEvent, SlackFile, SlackMessage } from '../../src/events.ts';
import { plainText } from '../../src/format/doc.ts';
import { fileId, ts } from '../../src/ids.ts';
import { pictureOf, wordedFile } from './support/slack-files.ts';
import { makeWorld, place, slackMessage } from './support/world.ts';
import type { World } from './support/world.ts';

const at = ts('1500.000000');

function said(text: string, files: readonly SlackFile[], more: Partial<SlackMessage> = {}) {
  return slackMessage(at, text, { files, ...more });
}

function edited(text: string, editTs: string, files: readonly SlackFile[]): SlackEvent {
  return { type: 'edit', ...place, ts: at, message: said(text, files, { editTs: ts(editTs) }) };
}

/** Files came or went, and nothing was edited. */
function changed(text: string, files: readonly SlackFile[], gone: readonly string[] = []): SlackEvent {
  const message = said(text, files, { gone: gone.map((id) => fileId(id)) });
  return { type: 'edit', ...place, ts: at, message, only: 'files' };
}

/** All that happened in the room: `send $ours1 image a.png: text`. */
function happened(world: World): readonly string[] {
  return world.matrix.effects
    .filter(({ call }) => call !== 'ghost')
    .map(({ call, event, target, message, text }) => {
      const file = message?.file;
      const shown = file ? `${file.kind} ${file.name}: ${plainText(message.text)}` : (text ?? '');
      return `${call} ${(call === 'send' ? event : target) ?? ''} ${shown}`.trim();
    });
}

test('an edit of a caption edits the caption, once', async () => {
  const world = makeWorld();
  await world.fromSlack(said('frist', [pictureOf('F1')]));
  await world.fromSlack(edited('first', '1501.000000', [pictureOf('F1')]));
  await world.fromSlack(edited('first', '1501.000000', [pictureOf('F1')]));
  assert.deepEqual(happened(world), ['send $ours1 image a.png: frist', 'edit $ours1 image a.png: first']);
});

test('a caption that is taken away leaves the file without one, and can come back', async () => {
  const world = makeWorld();
  await world.fromSlack(said('first', [pictureOf('F1')]));
  await world.fromSlack(edited('', '1501.000000', [pictureOf('F1')]));
  await world.fromSlack(edited('second', '1502.000000', [pictureOf('F1')]));
  assert.deepEqual(happened(world), [
    'send $ours1 image a.png: first',
    'edit $ours1 image a.png:',
    'edit $ours1 image a.png: second',
  ]);
});

test('a text that comes to one file becomes its caption; to words in its place, or several, a message', async () => {
  const world = makeWorld();
  await world.fromSlack(said('', [pictureOf('F1')]));
  await world.fromSlack(edited('look', '1501.000000', [pictureOf('F1')]));
  assert.deepEqual(happened(world), ['send $ours1 image a.png:', 'edit $ours1 image a.png: look']);
  const several = makeWorld();
  const files = [pictureOf('F1'), pictureOf('F2', 'b.png')];
  await several.fromSlack(said('', files));
  await several.fromSlack(edited('look', '1501.000000', files));
  assert.deepEqual(happened(several).slice(2), ['send $ours3 look']);
  const worded = makeWorld();
  worded.files.instead.set('F1', new CannotBridge('gone', 'gone'));
  await worded.fromSlack(said('', [pictureOf('F1')]));
  await worded.fromSlack(edited('look', '1501.000000', [pictureOf('F1')]));
  assert.deepEqual(happened(worded).slice(1), ['send $ours2 look']);
});

test('a file that is deleted goes from the room and the homeserver, and its caption is said anew', async () => {
  const world = makeWorld();
  await world.fromSlack(said('look', [pictureOf('F1')]));
  await world.fromSlack(edited('look here', '1501.000000', [pictureOf('F1')]));
  await world.fromSlack(changed('look here', [], ['F1']));
  await world.fromSlack(changed('look here', [], ['F1']));
  assert.deepEqual(happened(world), [
    'send $ours1 image a.png: look',
    'edit $ours1 image a.png: look here',
    'redact $ours1',
    'redact $ours2',
    'send $ours5 look here',
  ]);
  assert.deepEqual([...new Set(world.files.removed)], ['F1 of portal 7']);
  await world.fromSlack(edited('look there', '1503.000000', []));
  assert.deepEqual(happened(world).slice(5), ['edit $ours5 look there']);
});

test('files that come or go leave the text alone, however old the message reads', async () => {
  const world = makeWorld();
  await world.fromSlack(said('one', [pictureOf('F1')]));
  await world.fromSlack(edited('two', '1502.000000', [pictureOf('F1')]));
  await world.fromSlack(changed('one', [pictureOf('F1'), pictureOf('F2', 'b.png')]));
  await world.fromSlack(changed('one', [pictureOf('F1')], ['F2']));
  assert.deepEqual(happened(world).slice(2), ['send $ours3 image b.png:', 'redact $ours3']);
  await world.fromSlack(edited('three', '1503.000000', [pictureOf('F1')]));
  assert.deepEqual(happened(world).slice(4), ['edit $ours1 image a.png: three']);
});

test('a file that is deleted while it is on its way isn’t shown', async () => {
  const world = makeWorld();
  world.files.instead.set('F1', 'never');
  const message = said('look', [pictureOf('F1')]);
  await assert.rejects(world.fromSlack(message), WaitForFile);
  await world.fromSlack(changed('look', [], ['F1']));
  world.files.instead.clear();
  await world.fromSlack(message);
  assert.deepEqual(happened(world), ['send $ours1 look']);
  assert.deepEqual(world.files.removed, ['F1 of portal 7'], 'what arrives of it later goes, too');
  await world.fromSlack(edited('look here', '1501.000000', []));
  await world.fromSlack(message);
  assert.deepEqual(happened(world), ['send $ours1 look', 'edit $ours1 look here']);
});

test('a message of a file alone that was deleted on its way, and isn’t waited for any more, brings nothing', async () => {
  const world = makeWorld();
  world.files.instead.set('F1', 'never');
  const message = said('', [pictureOf('F1')]);
  await assert.rejects(world.fromSlack(message), WaitForFile);
  await assert.rejects(world.fromSlack(changed('', [], ['F1'])), WaitForParent);
  await world.fromSlack(changed('', [], ['F1']), { waited: true });
  world.files.instead.clear();
  await world.fromSlack(message);
  assert.deepEqual(happened(world), []);
  assert.deepEqual(world.files.removed, ['F1 of portal 7']);
});

test('what is on its way for a message that is deleted goes when the message comes back to it', async () => {
  for (const text of ['', 'look']) {
    const world = makeWorld();
    for (const id of ['F1', 'F2']) world.files.instead.set(id, 'never');
    const page = wordedFile('F3', 'file', { nature: 'page' });
    const message = said(text, [pictureOf('F1'), pictureOf('F2'), page]);
    await assert.rejects(world.fromSlack(message), WaitForFile);
    await world.fromSlack({ type: 'delete', ...place, ts: message.ts });
    world.files.instead.clear();
    await world.fromSlack(message);
    assert.deepEqual(happened(world), text === '' ? [] : ['send $ours1 look', 'redact $ours1']);
    assert.deepEqual(world.files.removed, ['F1 of portal 7', 'F2 of portal 7']);
  }
});

test('a file that the workspace’s plan hides stays in the room as it is', async () => {
  const world = makeWorld();
  await world.fromSlack(said('look', [pictureOf('F1')]));
  await world.fromSlack(edited('see', '1501.000000', [wordedFile('F1', 'file', { nature: 'hidden' })]));
  assert.deepEqual(happened(world), ['send $ours1 image a.png: look', 'send $ours2 see']);
});

test('the caption of a file of another organisation is edited, too', async () => {
  const world = makeWorld();
  world.slack.fileInfos.set('F1', pictureOf('F1'));
  const told = wordedFile('F1', 'file', { nature: 'unknown' });
  await world.fromSlack(said('look', [told]));
  await world.fromSlack(edited('see', '1501.000000', [told]));
  assert.deepEqual(happened(world), ['send $ours1 image a.png: look', 'edit $ours1 image a.png: see']);
});

test('a caption whose file can’t be had any more is changed by a message of its own', async () => {
  const world = makeWorld();
  await world.fromSlack(said('look', [pictureOf('F1')]));
  world.files.instead.set('F1', new CannotBridge('gone', 'gone'));
  await world.fromSlack(edited('see', '1501.000000', [pictureOf('F1')]));
  await world.fromSlack(edited('behold', '1502.000000', [pictureOf('F1')]));
  assert.deepEqual(happened(world), [
    'send $ours1 image a.png: look',
    'send $ours2 see',
    'edit $ours2 behold',
  ]);
});

test('a file that takes long is waited for by an edit, too, and the edit is whole in the end', async () => {
  const world = makeWorld();
  await world.fromSlack(said('one', []));
  world.files.instead.set('F1', 'never');
  const edit = edited('two', '1501.000000', [pictureOf('F1')]);
  await assert.rejects(world.fromSlack(edit), WaitForFile);
  assert.deepEqual(happened(world), ['send $ours1 one', 'edit $ours1 two']);
  world.files.instead.clear();
  await world.fromSlack(edit);
  await world.fromSlack(edit);
  assert.deepEqual(happened(world).slice(2), ['send $ours3 image a.png:']);
});
