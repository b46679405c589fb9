import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import { botId, mxcUri, ts } from '../../src/ids.ts';
import { wordedFile } from './support/slack-files.ts';
import { bot } from './support/recorded-matrix.ts';
import { ann, bob, makeWorld, matrixMessage, place, slackMessage } from './support/world.ts';
import type { World } from './support/world.ts';

const build = {
  type: 'bot',
  id: botId('BJIRA'),
  name: 'Build 7',
  picture: 'https://x.org/build.png',
} as const;

test('an app that posts under another name speaks under it in each part, copy and edit of the message', async () => {
  const world = makeWorld();
  world.matrix.pictures.set('https://x.org/build.png', mxcUri('mxc://hs/build'));
  await world.fromSlack(slackMessage('1500.000000', 'root'));
  const more = {
    author: build,
    threadTs: ts('1500.000000'),
    broadcast: true,
    files: [wordedFile('F1', 'report')],
  };
  await world.fromSlack(slackMessage('1501.000000', 'done', more));
  const message = slackMessage('1501.000000', 'done again', { ...more, editTs: ts('1700.000000') });
  await world.fromSlack({ ...place, type: 'edit', ts: message.ts, message });
  const ofApp = world.matrix.effects.filter(({ as, message }) => as?.includes('bjira') && message);
  assert.equal(ofApp.length, 6); // text and file, both in the channel too, and the edit of both texts
  for (const { message } of ofApp)
    assert.deepEqual(message?.speaker, {
      id: ofApp[0]?.message?.speaker?.id,
      name: 'Build 7',
      picture: 'mxc://hs/build',
    });
});

test('an app’s icon is looked for among the workspace’s own emoji only if it is no standard one', async () => {
  const world = makeWorld();
  world.slack.emoji.set('our-logo', { picture: 'https://x.org/logo.png' });
  world.matrix.pictures.set('https://x.org/logo.png', mxcUri('mxc://hs/logo'));
  const asked: string[] = [];
  const { ownEmoji } = world.slack;
  world.slack.ownEmoji = (team, names) => {
    asked.push(...names);
    return ownEmoji(team, names);
  };
  const { id, name, type } = build;
  for (const [index, icon] of ['rocket', 'wave::skin-tone-3', 'our-logo'].entries())
    await world.fromSlack(slackMessage(`150${index}.000000`, 'done', { author: { type, id, name, icon } }));
  assert.deepEqual(asked, ['our-logo']);
  assert.deepEqual(
    world.matrix.of('send').map(({ message }) => message?.speaker?.picture),
    [undefined, undefined, 'mxc://hs/logo'],
  );
});

test('two names of one app are two speakers, and its own name is none', async () => {
  const world = makeWorld();
  const own = { ...build, name: 'name of BJIRA' };
  const other = { ...build, name: 'Build 8' };
  for (const [index, author] of [build, other, build, own].entries())
    await world.fromSlack(slackMessage(`150${index}.000000`, 'done', { author }));
  const ids = world.matrix.of('send').map(({ message }) => message?.speaker?.id);
  assert.equal(new Set(ids).size, 3);
  assert.equal(ids[0], ids[2]);
  assert.equal(ids[3], undefined);
});

test('an app that posts under the name of a person is marked as one', async () => {
  const world = makeWorld();
  const { team } = place;
  await world.slack.profileChanged({ team, id: bob, name: 'Bob', bot: false, deactivated: false });
  for (const [index, name] of ['B\u200Bob', 'Bobby'].entries())
    await world.fromSlack(slackMessage(`150${index}.000000`, 'pay', { author: { ...build, name } }));
  const names = world.matrix.of('send').map(({ message }) => message?.speaker?.name);
  assert.deepEqual(names, ['Bob (app)', 'Bobby']);
});

test('what the bot says for somebody whose ghost was removed has their name and picture', async () => {
  const world = makeWorld();
  removeGhost(world);
  await world.slack.profileChanged({
    team: place.team,
    id: bob,
    name: 'Bob',
    picture: 'https://x.org/bob.png',
    bot: false,
    deactivated: false,
  });
  world.matrix.pictures.set('https://x.org/bob.png', mxcUri('mxc://hs/bob'));
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  const [said] = world.matrix.of('send');
  const speaker = { id: '@slack_ubob:hs', name: 'Bob', picture: 'mxc://hs/bob' };
  assert.deepEqual([said?.as, said?.message?.speaker], [bot, speaker]);
});

function removeGhost({ matrix }: World): void {
  const { send } = matrix;
  matrix.send = (as, ...rest) =>
    as === bot ? send(as, ...rest) : Promise.reject(new CannotBridge('kicked', 'not wanted'));
}

test('in Slack, whom a message names as its speaker is shown with who sent it', async () => {
  const world = makeWorld();
  world.matrix.names.set(ann, { name: 'Ann' });
  const speaker = { name: 'Zoe', picture: mxcUri('mxc://hs/zoe') };
  await world.fromMatrix(matrixMessage('$1', 'hi', { speaker }));
  await world.fromMatrix(matrixMessage('$2', 'hi', { speaker: { name: 'Z'.repeat(90) } }));
  world.matrix.names.set(ann, { name: 'Ann', ambiguous: true });
  await world.fromMatrix(matrixMessage('$3', 'hi', { speaker: { name: 'Admin) (Slack' } }));
  const [zoe, long, admin] = world.slack.of('post').map(({ post }) => post?.as);
  assert.deepEqual(zoe, { name: 'Zoe (via Ann on Matrix)', picture: 'https://bridge.example/hs/zoe' });
  assert.match(long?.name ?? '', /^Z+… \(via Ann on Matrix\)$/);
  assert.ok((long?.name.length ?? 81) <= 80);
  assert.deepEqual(admin, { name: 'Admin) (Slack (via ann:hs on Matrix)' });
});
