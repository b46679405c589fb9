import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../src/admin/commands.ts';
import { usage } from '../../src/admin/command.ts';
import { isCommand, parseCommand } from '../../src/admin/parse.ts';

test('a command begins with the prefix as a word of its own', () => {
  for (const text of ['!slack', '!slack help', '  !SLACK link #x', '!slack\nhelp'])
    assert.equal(isCommand(text), true, text);
  for (const text of ['!slacker', 'see !slack help', 'slack', '']) assert.equal(isCommand(text), false, text);
});

for (const [text, name, args] of [
  ['!slack link #general Acme', 'link', { channel: '#general', team: 'Acme', anyway: undefined }],
  ['link   #general', 'link', { channel: '#general', team: undefined, anyway: undefined }],
  ['!slack LIST', 'list', { name: undefined }],
  ['!slack', 'help', {}],
  ['', 'help', {}],
] as const) {
  test(`“${text}” is ${name}`, () => {
    const parsed = parseCommand(text, commands);
    assert.equal(parsed.command.name, name);
    assert.deepEqual(parsed.args, args);
  });
}

for (const [text, answer] of [
  ['!slack lnik #general', /no command “lnik”. Did you mean “link”/],
  ['!slack frobnicate', /The commands are: help, link, unlink, list, status, dead-letters, retry, skip, set/],
  ['!slack link', /channel is missing: !slack link <channel> \[team\] \[anyway\]/],
  ['!slack list a b', /too much: !slack list \[name\]/],
] as const) {
  test(`“${text}” is answered with what was expected`, () => {
    assert.throws(() => parseCommand(text, commands), answer);
  });
}

test('each command says how it is used and what it does, under a name of its own', () => {
  const names = commands.map((command) => command.name);
  assert.equal(new Set(names).size, names.length);
  for (const command of commands) {
    assert.match(command.help, /^[A-Z].*\.$/);
    assert.ok(usage(command).startsWith(command.name));
    const firstOptional = command.args.findIndex((arg) => arg.optional);
    const required = command.args.filter((arg) => !arg.optional).length;
    assert.ok(firstOptional === -1 || firstOptional === required, command.name);
  }
});
