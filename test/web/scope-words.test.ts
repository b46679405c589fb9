import assert from 'node:assert/strict';
import { test } from 'node:test';
import { userScopes } from '../../src/slack/scopes.ts';
import { scopeGroups } from '../../src/web/login/scope-words.ts';

test('all that people are asked to allow is explained to them, each once', () => {
  const groups = scopeGroups(userScopes);
  assert.deepEqual(groups.flatMap(({ scopes }) => scopes).toSorted(), [...userScopes].toSorted());
  for (const { what, why } of groups) assert.ok(why.length > 20, what);
});

test('only what is asked for is explained; what nobody has words for stands under its own name', () => {
  const groups = scopeGroups(['im:read', 'calls:write']);
  assert.deepEqual(
    groups.map(({ what, scopes }) => [what, scopes]),
    [
      ['See your conversations and the people in them', ['im:read']],
      ['calls:write', ['calls:write']],
    ],
  );
});
