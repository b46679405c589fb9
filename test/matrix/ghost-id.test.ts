import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authorId, teamId } from '../../src/ids.ts';
import { botUserId, ghostId, ghostOwner, isOurUser } from '../../src/matrix/ghost-id.ts';

const names = { domain: 'example.org', bot: 'slackbot', prefix: 'slack_', withTeam: false };
const withTeam = { ...names, withTeam: true };
const team = teamId('T024BE7LD');

test('a ghost is named after its Slack id, with the workspace where that is wanted', () => {
  for (const [author, plain, long] of [
    ['U023BECGF', '@slack_u023becgf:example.org', '@slack_t024be7ld_u023becgf:example.org'],
    ['W1', '@slack_w1:example.org', '@slack_t024be7ld_w1:example.org'],
    ['B0X1', '@slack_b0x1:example.org', '@slack_t024be7ld_b0x1:example.org'],
  ] as const) {
    assert.equal(ghostId(names, team, authorId(author)), plain);
    assert.equal(ghostId(withTeam, team, authorId(author)), long);
    assert.deepEqual(ghostOwner(names, plain), { author });
    assert.deepEqual(ghostOwner(names, long), { author, team });
  }
});

const upper = fc.stringMatching(/^[A-Z0-9]{1,20}$/);
const authors = fc.tuple(fc.constantFrom('U', 'W', 'B'), upper).map((parts) => authorId(parts.join('')));
const teams = fc.tuple(fc.constantFrom('T', 'E'), upper).map((parts) => teamId(parts.join('')));

test('no two authors share a ghost, and each ghost leads back to its author', () => {
  fc.assert(
    fc.property(teams, authors, teams, authors, (team, author, otherTeam, other) => {
      assert.deepEqual(ghostOwner(names, ghostId(names, team, author)), { author });
      assert.deepEqual(ghostOwner(withTeam, ghostId(withTeam, team, author)), { author, team });
      assert.equal(ghostId(names, team, author) === ghostId(names, team, other), author === other);
      assert.equal(
        ghostId(withTeam, team, author) === ghostId(withTeam, otherTeam, other),
        author === other && team === otherTeam,
      );
    }),
  );
});

test('nobody else is taken for a ghost', () => {
  for (const user of [
    '@ann:example.org',
    '@slackbot:example.org',
    '@slack_u1:elsewhere.org',
    '@slack_u1:example.org.evil.com',
    '@slack_:example.org',
    '@slack_x1:example.org',
    '@slack_U1:example.org',
    '@slack_u1_u2:example.org',
    '@slack_t1_:example.org',
    'slack_u1:example.org',
    '',
  ]) {
    assert.equal(ghostOwner(names, user), undefined, user);
  }
});

test('a bot whose name begins like a ghost is no ghost', () => {
  assert.equal(ghostOwner({ ...names, prefix: 'slack' }, '@slackbot:example.org'), undefined);
});

test('the bot and all of the namespace are ours, also ids that no Slack id gives', () => {
  for (const user of [botUserId(names), '@slack_u1:example.org', '@slack_?:example.org']) {
    assert.ok(isOurUser(names, user), user);
  }
  for (const user of ['@ann:example.org', '@slack_u1:elsewhere.org', '@slackbots:example.org']) {
    assert.ok(!isOurUser(names, user), user);
  }
});
