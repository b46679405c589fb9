import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import type { MatrixReaction } from '../../src/events.ts';
import type { Inline } from '../../src/format/doc.ts';
import { parseHtml, renderHtml } from '../../src/format/html.ts';
import { parseMrkdwn } from '../../src/format/mrkdwn.ts';
import { eventId, mxcUri, ts } from '../../src/ids.ts';
import { bob, makeWorld, matrixMessage, place, room, slackMessage, ann } from './support/world.ts';
import type { World } from './support/world.ts';

const parrot = mxcUri('mxc://hs/parrot');

/** A workspace with three emoji of its own: a parrot, another name of a standard one, and one that can't be brought over. */
function world(): World {
  const made = makeWorld();
  made.slack.emoji.set('party-parrot', { picture: 'https://x.org/parrot.gif' });
  made.slack.emoji.set('yay', { unicode: '🎉' });
  made.slack.emoji.set('late', { picture: 'https://x.org/late.gif' });
  made.matrix.pictures.set('https://x.org/parrot.gif', parrot);
  return made;
}

test('the workspace’s own emoji are shown by their pictures, other names of standard ones by characters', async () => {
  const { fromSlack, matrix } = world();
  const text = parseMrkdwn('hi :party-parrot: :yay: :late: :unknown: 10:30:45 :tada:');
  await fromSlack(slackMessage('1500.000000', '', { text }));
  const [sent] = matrix.of('send');
  const { body, formattedBody } = renderHtml(sent?.doc ?? { blocks: [] });
  const img = `<img data-mx-emoticon src="${parrot}" alt=":party-parrot:" title=":party-parrot:" height="32">`;
  assert.equal(body, 'hi :party-parrot: 🎉 :late: :unknown: 10:30:45 🎉');
  assert.equal(formattedBody, `hi ${img} 🎉 :late: :unknown: 10:30:45 🎉`);
});

test('a text without own emoji asks nobody about any', async () => {
  const { fromSlack, slack, matrix } = world();
  slack.ownEmoji = () => Promise.reject(new Error('asked'));
  await fromSlack(slackMessage('1500.000000', '', { text: parseMrkdwn('hi :tada: there') }));
  assert.deepEqual(matrix.sent(), ['hi 🎉 there']);
});

function slackReaction(name: string, change: 'added' | 'removed' = 'added') {
  return { type: 'reaction', ...place, ts: ts('1500.000000'), user: bob, name, change } as const;
}

test('a reaction of the workspace’s own is its picture with its name, another name of a standard one is that', async () => {
  const { fromSlack, matrix } = world();
  await fromSlack(slackMessage('1500.000000', 'hello'));
  for (const name of ['party-parrot', 'yay', 'late', 'wave::skin-tone-3'])
    await fromSlack(slackReaction(name));
  const shown = matrix.of('react').map(({ reaction, shortcode }) => [reaction, shortcode]);
  assert.deepEqual(shown, [
    [parrot, 'party-parrot'],
    ['🎉', undefined],
    [':late:', undefined],
    ['👋🏼', undefined],
  ]);
  await fromSlack(slackReaction('party-parrot', 'removed'), { srcTs: '1600.000000' });
  assert.equal(matrix.of('redact')[0]?.target, matrix.of('react')[0]?.event);
});

test('an app’s icon that is an emoji of the workspace is its picture', async () => {
  const { fromSlack, matrix } = world();
  const author = { type: 'bot', id: 'BJIRA', name: 'Parrot', icon: 'party-parrot' };
  const message = slackMessage('1500.000000', 'hello');
  await fromSlack({ ...message, author: { ...message.author, ...author } as typeof message.author });
  assert.equal(matrix.of('send')[0]?.message?.speaker?.picture, parrot);
});

function img(name: string, src: string): string {
  return `<img data-mx-emoticon src="${src}" alt=":${name}:">`;
}

test('a custom emoji of Matrix is the workspace’s by its name or its picture, else the standard one, else its name', async () => {
  const { fromMatrix, slack } = world();
  const html = [
    img('party-parrot', 'mxc://elsewhere/other'),
    img('bird', parrot),
    img('tada', 'mxc://elsewhere/tada'),
    img('nobody', 'mxc://elsewhere/nobody'),
  ].join(' ');
  await fromMatrix(matrixMessage('$1', '', { text: parseHtml(html) }));
  const [paragraph] = slack.of('post')[0]?.post?.text.blocks ?? [];
  const nodes: readonly Inline[] = paragraph?.type === 'paragraph' ? paragraph.children : [];
  assert.deepEqual(
    nodes.filter(({ type }) => type === 'emoji'),
    [
      { type: 'emoji', name: 'party-parrot' },
      { type: 'emoji', name: 'party-parrot' },
      { type: 'emoji', name: 'tada', unicode: '🎉' },
    ],
  );
  assert.deepEqual(nodes.at(-1), { type: 'text', text: ' :nobody:', marks: {} });
});

test('a reaction with a picture is the workspace’s by its name or its picture; who gives an unknown one is told', async () => {
  const { fromSlack, fromMatrix, slack, matrix } = world();
  await fromSlack(slackMessage('1500.000000', 'hello'));
  const target = matrix.of('send')[0]?.event ?? eventId('$none');
  const react = (id: string, shown: MatrixReaction) =>
    fromMatrix({ type: 'reaction', event: eventId(id), room, sender: ann, at: 1, target, ...shown });
  await react('$1', { key: parrot });
  await react('$2', { key: 'mxc://elsewhere/late', shortcode: 'late' });
  await react('$3', { key: 'mxc://elsewhere/tada', shortcode: 'tada' });
  await react('$4', { key: '👋🏼' });
  assert.deepEqual(
    slack.of('react').map(({ name }) => name),
    ['party-parrot', 'late', 'tada', 'wave::skin-tone-3'],
  );
  for (const shown of [{ key: 'mxc://elsewhere/x', shortcode: 'nobody' }, { key: 'mxc://elsewhere/y' }])
    await assert.rejects(
      react(`$${shown.key}`, shown),
      (error) => error instanceof CannotBridge && error.reason === 'no-emoji',
    );
});
