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
  ['!slack LIST', 'list', { name: undefined, team: undefined }],
  ['!slack', 'help', { command: undefined }],
  ['', 'help', { command: undefined }],
] as const) {
  test(`“${text}” is ${name}`, () => {
    const parsed = parseCommand(text, commands);
    assert.equal(parsed.command.name, name);
    assert.deepEqual(parsed.args, args);
  });
}

for (const [text, answer] of [
  ['!slack lnik #general', /no command “lnik”. Did you mean “link”/],
  ['!slack frobnicate', /no command “frobnicate”. “!slack help” shows/],
  ['!slack link', /channel is missing: !slack link <channel> \[team\] \[anyway\]/],
  ['!slack unlink a b', /too much: !slack unlink \[channel\]/],
  ['!slack list x acme page two', /“two” is no page/],
  ['!slack match maybe', /match can be: on, off\./],
  ['!slack match onn', /Did you mean “on”\?/],
] as const) {
  test(`“${text}” is answered with what was expected`, () => {
    assert.throws(() => parseCommand(text, commands), answer);
  });
}

test('each command says how it is used and what it does, under a name of its own', () => {
  for (const side of ['matrix', 'slack', 'api'] as const) {
    const names = commands.filter(({ on }) => on.includes(side)).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, side);
  }
  for (const command of commands) {
    assert.match(command.help, /^[A-Z].*\.$/);
    assert.ok(command.examples.length > 0);
    for (const example of command.examples) {
      const [side = 'matrix'] = command.on;
      assert.equal(parseCommand(example, commands, side).command, command, example);
    }
    assert.ok(usage(command).startsWith(command.name));
    const firstOptional = command.args.findIndex((arg) => arg.optional);
    const required = command.args.filter((arg) => !arg.optional).length;
    assert.ok(firstOptional === -1 || firstOptional === required, command.name);
  }
});
