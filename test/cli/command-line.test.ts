import assert from 'node:assert/strict';
import { access, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { commandIn } from './support.ts';

const folder = temporaryFolder('cli');
after(() => folder.remove());

const command = (...args: readonly string[]) => commandIn(folder.path, args);

async function config(name: string, text: string): Promise<string> {
  const file = join(folder.path, name);
  await writeFile(file, text);
  return file;
}

const good = `
homeserver: { url: http://localhost:8008, domain: example.org }
database: { url: "postgres://bridge:hunter2@db.example.org/bridge?sslmode=require" }
slack:
  app_token: xapp-1-aaa
  teams: [{ bot_token: xoxb-1-aaa }]
`;

describe('a command line that makes no sense', () => {
  const table: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /^Name a command\./],
    [['rnu'], /^There is no command rnu; did you mean run\?/],
    [['dance'], /^There is no command dance\.\n/],
    [['run', '--confg', 'x'], /^Unknown option '--confg'\./],
    [['run', '-c'], /argument missing/],
    [['run', 'now'], /^run takes no further argument \(now\)\./],
    [['run', '--force'], /^run takes no --force\./],
  ];
  for (const [args, message] of table)
    it(`gets one line, the usage and exit code 1: ${args.join(' ') || '(nothing)'}`, async () => {
      const { code, out, err } = await command(...args);
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, message);
      assert.match(err, /\n\nUsage: npm start -- <command>/);
      assert.ok(!err.includes('    at '), 'no stack');
    });

  it('is not one that asks for help or the version', async () => {
    assert.match((await command('--help')).out, /^Usage: .*\n[^]*generate-registration/);
    assert.match((await command('version')).out, /^matrix-slack-bridge \d+\.\d+\.\d+, Node 24\./);
    assert.match((await command('--version')).out, /^matrix-slack-bridge /);
  });
});

describe('a configuration that can not be used', () => {
  const table: readonly (readonly [what: string, text: string | undefined, message: RegExp])[] = [
    ['is missing', undefined, /^\S*bad\.yaml doesn't exist: copy config\/config\.sample\.yaml there/],
    ['is no YAML', `${good}\nweb: "x\n`, /^\S*bad\.yaml:\d+: Missing closing "quote/m],
    ['has an unknown key', `${good}\nwbe: {}\n`, /^\S*bad\.yaml:8: wbe: unknown key; did you mean web\?$/m],
    [
      'has a bad token',
      good.replace('xoxb', 'xoxp'),
      /^\S*bad\.yaml:6: slack\.teams\[0\]\.bot_token: is a user's token/,
    ],
  ];
  for (const [what, text, message] of table)
    it(`ends every command with what to do, without a stack: it ${what}`, async () => {
      const file =
        text === undefined ? join(folder.path, 'none', 'bad.yaml') : await config('bad.yaml', text);
      for (const name of ['run', 'check-config']) {
        const { code, out, err } = await command(name, '-c', file);
        assert.equal(code, 1);
        assert.equal(out, '');
        assert.match(err, message);
        assert.ok(!err.includes('    at ') && !err.includes('Usage'), err);
      }
    });

  it('is looked for in config/config.yaml when none is named', async () => {
    assert.match((await command('check-config')).err, /^config\/config\.yaml doesn't exist/);
  });
});

describe('check-config', () => {
  it('says what the configuration means, without its secrets', async () => {
    const { code, out } = await command('check-config', '-c', await config('good.yaml', good));
    assert.equal(code, 0);
    assert.match(out, /homeserver +example\.org at http:\/\/localhost:8008/);
    assert.match(out, /database +PostgreSQL at postgres:\/\/db\.example\.org\/bridge\n/);
    assert.match(out, /registration +\S+registration\.yaml \(missing\), \S+puppets\.yaml \(missing\)/);
    assert.match(out, /own accounts +nobody can link one: slack\.client_id is not set/);
    assert.match(out, /Note: nobody is admin/);
    assert.ok(!/hunter2|xoxb|xapp/.test(out));
  });

  it('says where people link their own accounts', async () => {
    const text = `${good.replace('slack:', 'slack:\n  client_id: "1.2"\n  client_secret: hush')}web: { public_url: https://b.example.org }\n`;
    const { out, err } = await command('check-config', '-c', await config('linking.yaml', text));
    assert.match(out, /own accounts +people link them at https:\/\/b\.example\.org\/login\/\n/, err);
    assert.ok(!out.includes('hush'));
  });
});

describe('generate-registration', () => {
  let file: string;
  before(async () => {
    file = await config(
      'register.yaml',
      `${good}\nappservice: { registration: reg/bridge.yaml, puppets_registration: reg/puppets.yaml }\n`,
    );
  });

  it('writes both files for their owner only, and says what to do next', async () => {
    const { code, out, err } = await command('generate-registration', '-c', file);
    assert.equal(code, 0, err);
    assert.match(
      out,
      /app_service_config_files:[^]*reg\/bridge\.yaml[^]*reg\/puppets\.yaml[^]*@slackbot:example\.org/,
    );
    for (const name of ['bridge', 'puppets']) {
      const path = join(folder.path, 'reg', `${name}.yaml`);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      const registration = parse(await readFile(path, 'utf8')) as Record<string, unknown>;
      assert.ok(String(registration['as_token']).length >= 32);
      assert.ok(!out.includes(String(registration['as_token'])), 'no token on the screen');
    }
  });

  it('does not overwrite what the homeserver may know, unless it is told to', async () => {
    const path = join(folder.path, 'reg', 'bridge.yaml');
    const before = await readFile(path, 'utf8');
    const { code, err } = await command('generate-registration', '-c', file);
    assert.equal(code, 1);
    assert.match(err, /bridge\.yaml exists, .* nothing was written\. Add --force/);
    assert.equal(await readFile(path, 'utf8'), before);

    assert.equal((await command('generate-registration', '-c', file, '--force')).code, 0);
    assert.notEqual(await readFile(path, 'utf8'), before);
  });

  it('says so when it can not write', async () => {
    const broken = await config('broken.yaml', `${good}\nappservice: { registration: good.yaml/x.yaml }\n`);
    const { code, err } = await command('generate-registration', '-c', broken);
    assert.equal(code, 1);
    assert.match(err, /good\.yaml\/x\.yaml can't be written: /);
    await assert.rejects(access(join(folder.path, 'registration.puppets.yaml')));
  });
});
