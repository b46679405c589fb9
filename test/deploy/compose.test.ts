import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ensureSynapse } from '../../sandbox/synapse/install.ts';
import { loadConfig } from '../../src/config.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { composeText, readCompose } from './compose-file.ts';
import type { ComposeFile, Service } from './compose-file.ts';

const run = promisify(execFile);
const variables = {
  MATRIX_DOMAIN: 'example.org',
  MATRIX_URL: 'https://matrix.example.org',
  MATRIX_ADMIN: '@you:example.org',
  SLACK_APP_TOKEN: 'xapp-1-A1-1-abc',
  SLACK_BOT_TOKEN: 'xoxb-1-1-abc',
  POSTGRES_PASSWORD: 'aaaa',
  SYNAPSE_DB_PASSWORD: 'bbbb',
  BRIDGE_DB_PASSWORD: 'cccc',
};
const compose = readCompose(variables);
const folder = temporaryFolder('compose');
after(() => folder.remove());

function named<Value>(values: Readonly<Record<string, Value>>, name: string): Value {
  const value = values[name];
  if (value === undefined) throw new Error(`docker-compose.yml has no ${name}.`);
  return value;
}
const service = (name: string): Service => named(compose.services, name);
const content = (name: string): string =>
  named<ComposeFile['configs'][string]>(compose.configs, name).content;
const environment = (of: Service): Record<string, string> =>
  Object.fromEntries(Object.entries(of.environment).map(([name, value]) => [name, String(value)]));

describe('docker-compose.yml', () => {
  it('says at its top what each variable without a default is, and does not start without one', () => {
    for (const name of Object.keys(variables)) {
      assert.match(composeText().split('\nname:')[0] ?? '', new RegExp(name));
      assert.throws(() => readCompose({ ...variables, [name]: '' }), new RegExp(`${name}: set it in .env`));
    }
  });

  it('starts the bridge after a homeserver and a database that answer, and the homeserver after it knows the bridge', () => {
    const conditions = (name: string): unknown =>
      Object.fromEntries(
        Object.entries(service(name).depends_on).map(([other, { condition }]) => [other, condition]),
      );
    assert.deepEqual(conditions('bridge'), { postgres: 'service_healthy', synapse: 'service_healthy' });
    assert.deepEqual(conditions('synapse'), {
      postgres: 'service_healthy',
      registration: 'service_completed_successfully',
      'synapse-keys': 'service_completed_successfully',
    });
    for (const name of ['postgres', 'synapse', 'bridge']) {
      assert.ok(service(name).healthcheck, `${name} has no health check`);
      assert.equal(service(name).restart, 'unless-stopped');
    }
    for (const name of ['registration', 'synapse-keys']) assert.equal(service(name).restart, 'no');
  });

  it('keeps what must not be lost in named volumes, and the registration out of the reach of writers', () => {
    for (const { volumes } of Object.values(compose.services)) {
      for (const volume of volumes) assert.ok((volume.split(':')[0] ?? '') in compose.volumes, volume);
    }
    assert.ok(service('postgres').volumes.includes('postgres:/var/lib/postgresql/data'));
    assert.ok(service('synapse').volumes.includes('synapse:/data'));
    assert.ok(service('bridge').volumes.includes('bridge:/data'));
    assert.ok(service('bridge').volumes.includes('registration:/registration:ro'));
    assert.ok(service('synapse').volumes.includes('registration:/registration:ro'));
  });

  it('opens ports on this machine only: the way from outside is a TLS proxy', () => {
    const ports = Object.values(compose.services).flatMap((each) => each.ports);
    assert.deepEqual(ports.toSorted(), ['127.0.0.1:8008:8008', '127.0.0.1:9995:9995']);
  });

  it('gives the bridge no more than it needs, and time to finish what it has begun', () => {
    for (const name of ['bridge', 'registration']) {
      const { read_only, init, cap_drop, security_opt } = service(name);
      assert.deepEqual(
        { read_only, init, cap_drop, security_opt },
        { read_only: true, init: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
      );
    }
    assert.equal(service('bridge').stop_grace_period, '30s');
  });

  it('names only images of a version, and configurations that exist', () => {
    for (const [name, { image, build, configs }] of Object.entries(compose.services)) {
      assert.ok(build !== undefined || /:v?\d/.test(image), `${name}: ${image}`);
      for (const { source } of configs) assert.notEqual(content(source), '');
    }
  });
});

describe('the bridge in docker-compose.yml', () => {
  it('has a configuration that it understands, with its secrets from the environment', async () => {
    const file = join(folder.path, 'config.yaml');
    await writeFile(file, content('bridge'));
    const config = loadConfig(file, environment(service('bridge')));
    assert.equal(config.homeserver.url, 'http://synapse:8008');
    assert.equal(config.appservice.url, 'http://bridge:9993');
    assert.equal(config.appservice.registration, '/registration/registration.yaml');
    assert.equal(config.database?.url, 'postgres://bridge:cccc@postgres/bridge');
    assert.equal(config.data_dir, '/data');
    assert.deepEqual(
      config.slack.teams.map((team) => team.bot_token),
      ['xoxb-1-1-abc'],
    );
    const withUrl = readCompose({ ...variables, BRIDGE_PUBLIC_URL: 'https://bridge.example.org' });
    await writeFile(file, named(withUrl.configs, 'bridge').content);
    assert.equal(
      loadConfig(file, environment(service('bridge'))).web.public_url,
      'https://bridge.example.org',
    );
  });

  it('makes the registration once: a second start leaves it as it is', async () => {
    const place = join(folder.path, 'registration');
    const config = join(folder.path, 'here.yaml');
    await mkdir(place);
    await writeFile(config, content('bridge').replaceAll('/registration/', `${place}/`));
    const [shell = '', option = '', script = ''] = service('registration').command;
    const here = script
      .replaceAll('/registration/', `${place}/`)
      .replace(
        'node dist/main.js generate-registration',
        `node src/main.ts generate-registration -c ${config}`,
      );
    const start = async (): Promise<string> => {
      await run(shell, [option, here], { env: { ...process.env, ...environment(service('registration')) } });
      return readFile(join(place, 'registration.yaml'), 'utf8');
    };
    const first = await start();
    assert.match(first, /url: http:\/\/bridge:9993/);
    assert.equal(await start(), first);
    assert.deepEqual((await readdir(place)).toSorted(), ['registration.puppets.yaml', 'registration.yaml']);
  });
});

describe('the homeserver in docker-compose.yml', () => {
  let python: string;
  before(async () => {
    ({ python } = await ensureSynapse({ onProgress: (line) => console.log(line) }));
  });

  it('has a configuration that Synapse understands, and keys that are made once', async () => {
    const data = join(folder.path, 'synapse');
    await mkdir(data);
    const here = (text: string): string => text.replaceAll(/\/(data|synapse|registration)(?=\/)/g, data);
    await writeFile(join(data, 'homeserver.yaml'), here(content('homeserver')));
    await writeFile(join(data, 'log.yaml'), content('synapse-log'));
    // the step that gives the files to the homeserver's account needs the container's root
    const script = here(service('synapse-keys').command.join('\n'))
      .replace('python -m', `${python} -m`)
      .replace(/chown.*/, '');
    const makeKeys = async (): Promise<readonly string[]> => {
      await run('sh', ['-euc', script]);
      const files = ['signing.key', 'macaroon.secret', 'form.secret', 'registration.secret'];
      return Promise.all(files.map((file) => readFile(join(data, file), 'utf8')));
    };
    const keys = await makeKeys();
    for (const key of keys) assert.ok(key.trim().length >= 32);
    assert.equal((await stat(join(data, 'macaroon.secret'))).mode & 0o077, 0);
    assert.deepEqual(await makeKeys(), keys);
  });
});
