import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mention, paragraph } from '../../src/format/doc.ts';
import { matrixUserId } from '../../src/ids.ts';
import { ann, bob, makeWorld, matrixMessage, place, slackMessage } from './support/world.ts';

const bobs = matrixUserId('@bob:hs');

test('mentions of one account of a matched person call the other', async () => {
  const world = makeWorld();
  world.matches.push({ team: place.team, slackUser: bob, matrixUser: bobs });
  const toBob = { blocks: [paragraph(mention({ type: 'slack-user', user: bob }))] };
  await world.fromSlack(slackMessage('1500.000000', '', { text: toBob }));
  const expected = mention({ type: 'matrix-user', user: bobs, label: 'name of UBOB' });
  assert.deepEqual(world.matrix.of('send')[0]?.doc, { blocks: [paragraph(expected)] });
  const toBoth = [bobs, ann].map((user) => mention({ type: 'matrix-user', user, label: user }));
  await world.fromMatrix(matrixMessage('$1', '', { text: { blocks: [paragraph(...toBoth)] } }));
  const post = JSON.stringify(world.slack.effects);
  assert.ok(post.includes(`"user":"${bob}"`) && post.includes(`@${ann}`), post);
});
