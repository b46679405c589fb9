import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotStart } from '../../src/errors.ts';
import {
  makeRegistrations,
  readPuppetsRegistration,
  readRegistration,
} from '../../src/matrix/registration.ts';

const options = {
  domain: 'example.org',
  url: 'http://127.0.0.1:9993',
  bot: 'slackbot',
  ghostPrefix: 'slack_',
};

function refusal(change: Record<string, unknown>, expected = options): string {
  const content = { ...makeRegistrations(options).bridge, ...change };
  try {
    readRegistration(content, expected, 'registration.yaml');
  } catch (error) {
    assert.ok(error instanceof CannotStart);
    return error.message;
  }
  return 'no error';
}

test('what is made can be read', () => {
  const { bridge, puppets } = makeRegistrations(options);
  const read = readRegistration(bridge, options);
  assert.equal(read.url, 'http://127.0.0.1:9993');
  assert.equal(read.id, 'slack');
  assert.equal(readPuppetsRegistration(puppets).url, null);
  assert.equal(readPuppetsRegistration(puppets).id, 'slack-puppets');
});

test('tokens are long and never the same', () => {
  const made = [makeRegistrations(options), makeRegistrations(options)];
  const tokens = made.flatMap(({ bridge, puppets }) =>
    [bridge, puppets].flatMap((content) => [content['as_token'], content['hs_token']]),
  );
  assert.equal(new Set(tokens).size, 8);
  for (const token of tokens) assert.match(String(token), /^[0-9a-f]{64}$/);
});

test('namespaces cover the bot and the ghosts of this server, and nobody else', () => {
  const { bridge } = makeRegistrations({ ...options, ghostPrefix: 'slack.x_' });
  const { users } = bridge['namespaces'] as { users: readonly { regex: string; exclusive: boolean }[] };
  const covered = (user: string): boolean => users.some(({ regex }) => new RegExp(regex).test(user));
  assert.ok(users.every(({ exclusive }) => exclusive));
  assert.ok(covered('@slackbot:example.org'));
  assert.ok(covered('@slack.x_u1:example.org'));
  for (const user of [
    '@slackbot2:example.org',
    '@slackbot:example.org.evil.com',
    '@slack.x_u1:example.org.evil.com',
    '@slack.x_u1:exampleXorg',
    '@slackXx_u1:example.org',
    '@ann:example.org',
    String(bridge['sender_localpart']),
  ]) {
    assert.ok(!covered(user), user);
  }
});

test('the registration for double puppets is not exclusive and gets no events', () => {
  const { puppets } = makeRegistrations(options);
  assert.equal(puppets['url'], null);
  assert.deepEqual(puppets['namespaces'], {
    users: [{ exclusive: false, regex: String.raw`^@.*:example\.org$` }],
    aliases: [],
    rooms: [],
  });
});

test('what is wrong with a registration is said together with what to do', () => {
  for (const [change, expected] of [
    [{ as_token: 'short' }, /as_token is shorter than 32 characters.*generate-registration/],
    [{ hs_token: undefined }, /hs_token is missing/],
    [{ id: 7 }, /id is missing/],
    [{ url: null }, /url is missing or null/],
    [{ sender_localpart: 'slackbot' }, /sender_localpart is the bot itself/],
    [{ 'io.element.msc4190': undefined }, /io\.element\.msc4190: true.*Add it and restart the homeserver/],
    [{ namespaces: {} }, /no namespace of users covers the bot \(@slackbot:example\.org\)/],
    [{ namespaces: { users: [{ regex: '@slackbot:.*' }] } }, /covers the ghosts/],
    [{ namespaces: { users: [{ regex: '(' }] } }, /the pattern \( can't be read/],
  ] as const) {
    const message = refusal(change);
    assert.match(message, expected);
    assert.match(message, /^registration\.yaml: /);
  }
  assert.throws(() => readRegistration('text', options, 'x.yaml'), /x\.yaml: not a registration/);
});

test('a configuration that the registration does not fit is noticed', () => {
  assert.match(refusal({}, { ...options, domain: 'other.org' }), /@slackbot:other\.org/);
  assert.match(refusal({}, { ...options, ghostPrefix: 'irc_' }), /@irc_u0example:example\.org/);
  assert.match(refusal({}, { ...options, ghostPrefix: 'slack' }), /begins with appservice\.ghost_prefix/);
});
