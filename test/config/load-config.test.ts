import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CannotStart, loadConfig, secretsOf } from '../../src/config.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
after(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

const smallest = `
homeserver: { url: http://localhost:8008/, domain: example.org }
slack:
  app_token: xapp-1-aaa
  teams:
    - bot_token: xoxb-1-aaa
`;

const noClient = { client_id: undefined, client_secret: undefined };

describe('loading config.yaml', () => {
  it('needs a homeserver and a workspace; the rest has defaults', async () => {
    const config = loadConfig(await write('smallest.yaml', smallest), {});
    assert.deepEqual(config.homeserver, {
      url: 'http://localhost:8008',
      domain: 'example.org',
      admin_token: undefined,
    });
    assert.equal(config.database, undefined);
    assert.equal(config.appservice.url, 'http://127.0.0.1:9993');
    assert.equal(config.slack.api_url, 'https://slack.com/api/');
    assert.deepEqual(config.slack.teams, [
      { bot_token: 'xoxb-1-aaa', app_token: 'xapp-1-aaa', signing_secret: undefined, ...noClient },
    ]);
    assert.deepEqual(config.permissions, { '*': 'relay', 'example.org': 'user' });
  });

  it('takes file names relative to its own folder', async () => {
    const config = loadConfig(
      await write('paths.yaml', `${smallest}\ndata_dir: ./state\nappservice: { registration: ../r.yaml }\n`),
      {},
    );
    assert.equal(config.data_dir, join(folder, 'state'));
    assert.equal(config.secrets.key_file, join(folder, 'state', 'secrets.key'));
    assert.equal(config.appservice.registration, join(folder, '..', 'r.yaml'));
  });

  it('leaves keys out whose children are all commented out', async () => {
    const config = loadConfig(await write('empty.yaml', `${smallest}\nrooms:\n  # version: 12\n`), {});
    assert.equal(config.rooms.version, 'default');
  });

  it('takes a room version as number or text', async () => {
    assert.equal(
      loadConfig(await write('v.yaml', `${smallest}\nrooms: { version: 12 }`), {}).rooms.version,
      '12',
    );
    assert.equal(
      loadConfig(await write('v.yaml', `${smallest}\nrooms: { version: "11" }`), {}).rooms.version,
      '11',
    );
  });

  it('takes an address with an IPv6 host to listen on', async () => {
    const config = loadConfig(await write('six.yaml', `${smallest}\nappservice: { host: "::1" }`), {});
    assert.equal(config.appservice.url, 'http://[::1]:9993');
  });
});

describe('secrets', () => {
  it('come from files beside the configuration', async () => {
    await write('bot-token', 'xoxb-2-bbb\n');
    await write('database-url', 'postgres://u:p@h/d\n');
    const file = await write(
      'files.yaml',
      `
homeserver: { url: http://localhost:8008, domain: example.org }
database: { url_file: ./database-url }
slack: { app_token: xapp-1, teams: [ { bot_token_file: bot-token } ] }
`,
    );
    const config = loadConfig(file, {});
    assert.equal(config.slack.teams[0]?.bot_token, 'xoxb-2-bbb');
    assert.equal(config.database?.url, 'postgres://u:p@h/d');
  });

  it('of an app stay together: a workspace with a client id of its own takes no other secret', async () => {
    const own = smallest.replace('slack:', 'slack:\n  client_id: "1.1"\n  client_secret: common');
    const two = `${own}    - { bot_token: xoxb-2, client_id: "2.2", client_secret: its-own }\n`;
    const config = loadConfig(await write('clients.yaml', two), {});
    assert.deepEqual(
      config.slack.teams.map(({ client_id, client_secret }) => [client_id, client_secret]),
      [
        ['1.1', 'common'],
        ['2.2', 'its-own'],
      ],
    );
    assert.ok(secretsOf(config).includes('common') && secretsOf(config).includes('its-own'));
  });

  it('come from the environment before anything else', async () => {
    const config = loadConfig(await write('env.yaml', smallest), {
      DATABASE_URL: 'postgresql://u@h/d',
      MATRIX_SLACK_BRIDGE_SLACK_TEAMS_0_BOT_TOKEN: 'xoxb-env',
      MATRIX_SLACK_BRIDGE_SLACK_TEAMS_1_BOT_TOKEN: 'xoxb-second',
      MATRIX_SLACK_BRIDGE_SLACK_TEAMS_1_APP_TOKEN: 'xapp-second',
      MATRIX_SLACK_BRIDGE_SLACK_SIGNING_SECRET: 'sign',
      MATRIX_SLACK_BRIDGE_SECRETS_KEY: 'the key',
    });
    assert.equal(config.database?.url, 'postgresql://u@h/d');
    assert.equal(config.secrets.key, 'the key');
    assert.deepEqual(config.slack.teams, [
      { bot_token: 'xoxb-env', app_token: 'xapp-1-aaa', signing_secret: 'sign', ...noClient },
      { bot_token: 'xoxb-second', app_token: 'xapp-second', signing_secret: 'sign', ...noClient },
    ]);
  });

  it('do not come from an empty variable', async () => {
    const config = loadConfig(await write('env.yaml', smallest), { DATABASE_URL: '' });
    assert.equal(config.database, undefined);
  });

  it('are all known to the logger', async () => {
    const config = loadConfig(await write('env.yaml', smallest), { DATABASE_URL: 'postgres://u:p@h/d' });
    assert.deepEqual(secretsOf(config), ['postgres://u:p@h/d', 'xoxb-1-aaa', 'xapp-1-aaa']);
  });
});

const server = 'homeserver: { url: http://localhost:8008, domain: example.org }\n';
const broken: readonly (readonly [what: string, text: string, ...expected: readonly RegExp[]])[] = [
  ['a tab as indentation', 'a:\n\tb: 1\n', /:2: .*indent with spaces/],
  ['an unquoted user id', `${server}permissions: { @a:b: user }\n`, /:2: .*into quotes/],
  ['an unquoted star', `${server}permissions:\n  *: relay\n`, /:3: .*into quotes/],
  ['a key twice', `${server}${server}`, /:2: Map keys must be unique/],
  ['a list at the top', '- a\n', /:1: must be a section with keys, not a list/],
  ['nothing at all', '', /:1: homeserver: is missing/],
  [
    'a mistyped key',
    `${smallest}\nlogging:\n  levle: info\n`,
    /:9: logging\.levle: unknown key; did you mean level\?/,
  ],
  [
    'an unheard-of key',
    `${smallest}\nlogging:\n  zzz: 1\n`,
    /:9: logging\.zzz: unknown key; known here: level, format/,
  ],
  [
    'a mistyped value',
    `${smallest}\nlogging: { level: inof }\n`,
    /logging\.level: must be one of .*did you mean info\?/,
  ],
  ['a number for a text', `${smallest}\ndata_dir: 5\n`, /data_dir: must be a text, not a number/],
  ['an address without http', smallest.replace('http://', ''), /:2: homeserver\.url: .*http:\/\/ or https:/],
  ['a port out of range', `${smallest}\nweb: { port: 70000 }`, /web\.port: must be at most 65535/],
  ['one port twice', `${smallest}\nweb: { port: 9993 }`, /web\.port: 9993 is appservice\.port already/],
  [
    'capitals in a user name',
    `${smallest}\nappservice: { bot: Slack }`,
    /appservice\.bot: may hold small letters/,
  ],
  [
    'a bot that looks like a ghost',
    `${smallest}\nappservice: { bot: slack_bot }`,
    /appservice\.bot: must not begin with/,
  ],
  ['no workspace', `${server}slack: { app_token: xapp-1 }`, /slack\.teams: name at least one workspace/],
  [
    'an app that nobody can install',
    `${server}slack: { app_token: xapp-1, client_id: "1.2", client_secret: abc }`,
    /web\.public_url: is needed while slack\.teams is empty/,
  ],
  [
    'a workspace twice',
    `${smallest}    - bot_token: xoxb-1-aaa`,
    /:7: slack\.teams\[1\]\.bot_token: stands twice/,
  ],
  [
    'no app token',
    smallest.replace('app_token', '# '),
    /slack\.teams\[0\]\.app_token: slack\.transport is socket/,
  ],
  [
    'no signing secret',
    smallest.replace('app_token: xapp-1-aaa', 'transport: http'),
    /slack\.signing_secret .*is needed/,
  ],
  [
    'a client id without its secret',
    smallest.replace('slack:', 'slack:\n  client_id: "1.2"'),
    /slack\.teams\[0\]\.client_id: .* stands without client_secret/,
  ],
  ["a user's token", smallest.replace('xoxb', 'xoxp'), /Bot User OAuth Token/],
  ["a browser's token", smallest.replace('xoxb', 'xoxc'), /Slack's terms forbid/],
  ['an app token as bot token', smallest.replace('xoxb', 'xapp'), /belongs to app_token/],
  ['a bot token as app token', smallest.replace('xapp', 'xoxb'), /begin with xapp-/],
  [
    'creators in old rooms',
    `${smallest}\nrooms: { version: 11, additional_creators: ["@a:b"] }`,
    /take version 12 or later/,
  ],
  [
    'a database that is none',
    `${smallest}\ndatabase: { url: "mysql://h/d" }`,
    /database\.url: must look like postgres:/,
  ],
  [
    'a permission for nobody',
    `${smallest}\npermissions: { "a b": user }`,
    /permissions\."a b": must be '\*', a server/,
  ],
  [
    'a secret in both ways',
    `${smallest}      bot_token_file: x`,
    /bot_token_file: leave out either this or slack\.teams\[0\]\.bot_token/,
  ],
  [
    'a secret file that is missing',
    smallest.replace('app_token:', 'app_token_file:'),
    /:4: slack\.app_token_file: the file can't be read/,
  ],
  [
    'several at once',
    'homserver: {}\nlogging: { level: x }\n',
    /has 3 problems/,
    /homserver: .*did you mean homeserver/,
    /logging\.level/,
  ],
];

describe('a broken config.yaml', () => {
  for (const [what, text, ...expected] of broken)
    it(`is refused with line and key: ${what}`, async () => {
      const file = await write('broken.yaml', text);
      assert.throws(
        () => loadConfig(file, {}),
        (error) => {
          assert.ok(error instanceof CannotStart);
          for (const pattern of expected) assert.match(error.message, pattern);
          assert.ok(error.message.startsWith(file), 'names the file');
          return true;
        },
      );
    });

  it('never shows a secret in its message', async () => {
    const file = await write(
      'broken.yaml',
      smallest.replace('xoxb-1-aaa', 'verysecret').replace('xapp-1-aaa', 'hidden'),
    );
    assert.throws(
      () => loadConfig(file, { DATABASE_URL: 'oracle://u:secretpassword@h/d' }),
      (error) => error instanceof CannotStart && !/verysecret|hidden|secretpassword/.test(error.message),
    );
  });

  it('is told apart from a missing file and a folder', () => {
    assert.throws(
      () => loadConfig(join(folder, 'none.yaml'), {}),
      /doesn't exist: copy config\/config\.sample\.yaml/,
    );
    assert.throws(() => loadConfig(folder, {}), /can't be read: it is a folder/);
  });
});
