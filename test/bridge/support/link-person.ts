import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { matrixUserId, slackUserId, teamId } from '../../../src/ids.ts';
import { silentLogger } from '../../../src/log.ts';
import { loadPuppets } from '../../../src/store/puppets.ts';
import { createReader } from '../../../src/store/reader.ts';
import { createSealing } from '../../../src/store/sealing.ts';
import { createSecrets } from '../../../src/store/secrets.ts';
import type { Scene } from '../../support/bridge.ts';
import { eventually } from '../../support/bridge/eventually.ts';

interface Person {
  /** Their Matrix id, and their id in Slack. */
  readonly matrix: string;
  readonly slack: string;
  /** Beside a token that lasts for an hour. */
  readonly refresh?: string;
}

/**
 * Links a Matrix user with their account in Slack, as if they had logged in: Slack gives a token, and another process of the
 * bridge stores it. Resolves with the token when the running bridge knows. Throws what `save` throws.
 */
export async function linkPerson(scene: Scene, { matrix, slack, refresh }: Person): Promise<string> {
  const { token, scopes } = scene.slack.control.grantUserToken({ user: slack });
  const before = await changesTold(scene);
  const reader = createReader({ url: scene.databaseUrl }, silentLogger, { statements: 0 });
  try {
    const key = await readFile(join(dirname(scene.configFile), 'data', 'secrets.key'), 'utf8');
    const sealing = createSealing(Buffer.from(key.trim(), 'hex'));
    const puppets = await loadPuppets(reader, createSecrets(reader, sealing));
    const account = { matrixUser: matrixUserId(matrix), slackUser: slackUserId(slack), name: 'ann' };
    const puppet = { ...account, team: teamId(scene.slack.team.id), scopes: scopes ?? [] };
    const renewal = refresh === undefined ? {} : { refresh, expiresAt: Date.now() + 3_600_000 };
    await puppets.save(puppet, { access: token, ...renewal });
  } finally {
    await reader.close();
  }
  await eventually(
    async () => (await changesTold(scene)) > before,
    () => 'The bridge does not know of the login.',
  );
  return token;
}

async function changesTold(scene: Scene): Promise<number> {
  return (await scene.log()).split('a login to Slack changed').length;
}
