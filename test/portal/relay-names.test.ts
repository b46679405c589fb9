import assert from 'node:assert/strict';
import { test } from 'node:test';
import { botId, matrixUserId, slackUserId, teamId } from '../../src/ids.ts';
import type { MatrixUserId } from '../../src/ids.ts';
import { withoutMark } from '../../src/portal/from-matrix/identity.ts';
import { ann, makeWorld, matrixMessage } from './support/world.ts';

const team = teamId('T1');
const far = matrixUserId('@zoe:elsewhere.org');

/** Under which name Slack shows what such a person says. */
async function shown(
  sender: MatrixUserId,
  name: string,
  more: { readonly speaker?: string; readonly ambiguous?: boolean } = {},
): Promise<string | undefined> {
  const world = makeWorld();
  const profile = { team, bot: false, deactivated: false };
  world.slack.profiles.set('U1', { ...profile, id: slackUserId('U1'), name: 'Bob' });
  world.slack.profiles.set('B1', { ...profile, id: botId('B1'), name: 'Deploys', bot: true });
  world.matrix.names.set(sender, { name, ...(more.ambiguous === true && { ambiguous: true }) });
  const speaker = more.speaker === undefined ? {} : { speaker: { name: more.speaker } };
  await world.fromMatrix({ ...matrixMessage('$m', 'hello'), sender, ...speaker });
  return world.slack.of('post')[0]?.post?.as?.name;
}

test('people of other homeservers are shown with their server', async () => {
  assert.equal(await shown(ann, 'Ann'), 'Ann (Matrix)');
  assert.equal(await shown(far, 'Zoe'), 'Zoe (elsewhere.org on Matrix)');
  assert.equal(await shown(far, ''), 'zoe:elsewhere.org (elsewhere.org on Matrix)');
  const long = matrixUserId(`@zoe:${'long.'.repeat(40)}org`);
  const name = (await shown(long, 'Zoe '.repeat(40))) ?? '';
  assert.ok(name.length <= 80 && name.endsWith('… on Matrix)'), name);
});

test('whoever is called like a person or an app of the workspace is shown with their id', async () => {
  assert.equal(await shown(ann, 'Bob'), 'Bob (ann:hs on Matrix)');
  assert.equal(await shown(far, 'Deploys'), 'Deploys (zoe:elsewhere.org on Matrix)');
  assert.equal(await shown(far, 'Ann', { ambiguous: true }), 'Ann (zoe:elsewhere.org on Matrix)');
});

test('nobody passes for another by the speaker that a message names', async () => {
  assert.equal(await shown(ann, 'Ann', { speaker: 'Zoe' }), 'Zoe (via Ann on Matrix)');
  assert.equal(await shown(ann, 'Ann', { speaker: 'Bob' }), 'Bob (via ann:hs on Matrix)');
  assert.equal(await shown(ann, 'Bob', { speaker: 'Zoe' }), 'Zoe (via ann:hs on Matrix)');
  assert.equal(await shown(far, 'Ann', { speaker: 'Zoe' }), 'Zoe (via zoe:elsewhere.org on Matrix)');
});

test('a name without its mark is the same whatever the mark says', () => {
  for (const name of ['Ann (Matrix)', 'Ann (ann:hs on Matrix)', 'Ann'])
    assert.equal(withoutMark(name), 'Ann');
  assert.equal(withoutMark('Ann (admin) (Matrix)'), 'Ann (admin)');
});
