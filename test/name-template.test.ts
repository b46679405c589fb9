import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNameTemplate } from '../src/name-template.ts';

const nobody = {
  name: undefined,
  real_name: undefined,
  username: undefined,
  title: undefined,
  org: undefined,
  bot: undefined,
  status: undefined,
  deactivated: undefined,
};

function shown(template: string, parts: Partial<typeof nobody> | Readonly<Record<string, string>>): string {
  const read = readNameTemplate(template);
  assert.ok(typeof read !== 'string', String(read));
  return read({ ...nobody, ...parts });
}

test('a template puts a name together; brackets vanish where nothing in them is known', () => {
  assert.equal(shown('{name}', { name: 'Ann' }), 'Ann');
  assert.equal(shown('{name}[ ({org})]', { name: 'Ann' }), 'Ann');
  assert.equal(shown('{name}[ ({org})]', { name: 'Ann', org: 'Acme' }), 'Ann (Acme)');
  assert.equal(shown('{name}[ {status}][, {title}]', { name: 'Ann', status: '🌴' }), 'Ann 🌴');
  assert.equal(shown('Slack: {real_name}', { real_name: 'Ann Archer' }), 'Slack: Ann Archer');
  assert.equal(shown('[{username}@{org} ]{name}', { name: 'Ann', username: 'ann' }), 'ann@ Ann');
  assert.equal(shown('{name} {bot}', { name: 'Ann' }), 'Ann');
});

test('a template that can’t be read says what is wrong', () => {
  for (const [template, words] of [
    ['', /must hold one of \{name\}, \{real_name\}, \{username\}/],
    ['{org}', /must hold one of/],
    ['{name} {nick}', /holds \{nick\}; there are \{name\}, /],
    ['{name', /has a \{ without its other half/],
    ['{name}[', /has a \[ without its other half/],
    ['{name}[[{org}]]', /has a \[ without/],
    ['{name}}', /has a \} without/],
  ] as const)
    assert.match(String(readNameTemplate(template)), words, template);
});
