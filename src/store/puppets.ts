import type pg from 'pg';
import { CannotBridge } from '../errors.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import type { Puppet, PuppetDirectory } from '../portal/ports.ts';
import type { StoredToken, PuppetTokens } from '../slack/ports.ts';
import { codeOf } from './db.ts';
import { createTurns } from './in-turn.ts';
import { createPuppetMemory, puppetColumns, readPuppets, slackKey } from './puppet-memory.ts';
import type { PuppetMemory, UntoldPuppet } from './puppet-memory.ts';
import type { Reader } from './reader.ts';
import type { Secrets } from './secrets.ts';
import { tokenIn, tokenText } from './stored-tokens.ts';

/** The logins of Matrix users to Slack, all in memory; other processes' changes come in by `refresh`. */
export interface Puppets extends PuppetDirectory, PuppetTokens {
  /**
   * The person's account in the workspace is this one from now on, and can be used. Throws `CannotBridge`
   * (`slack-account-linked`) when another Matrix user has it.
   */
  save(puppet: Omit<Puppet, 'trouble' | 'double' | 'since'>, token: StoredToken): Promise<void>;
  /** False: there was none. */
  remove(user: MatrixUserId, team: TeamId): Promise<boolean>;
  setDouble(user: MatrixUserId, team: TeamId, double: boolean): Promise<void>;
  /** What people haven't been told yet of their logins. */
  untold(): readonly UntoldPuppet[];
  /** Tells a person what is still to be told, by one process alone: what `say` said isn't said again. */
  tell(puppet: UntoldPuppet, say: () => Promise<void>): Promise<void>;
  /** Reads what changed, if anything did. */
  refresh(): Promise<void>;
}

/** The channel of PostgreSQL's notifications about logins. */
export const puppetsNotification = 'puppets';

const changes = {
  name: 'puppets_version',
  text: 'select count(*) as puppets, coalesce(sum(version), 0)::text as versions from puppet',
};
const everyPuppet = { name: 'puppets', text: `select ${puppetColumns} from puppet` };

export async function loadPuppets(reader: Reader, secrets: Secrets): Promise<Puppets> {
  const listeners: ((team: TeamId, user: SlackUserId) => void)[] = [];
  const memory = createPuppetMemory((team, user) => {
    for (const listener of listeners) listener(team, user);
  });
  const inTurn = createTurns();
  let version = '';

  async function read(): Promise<void> {
    const found = JSON.stringify(await reader.query(changes, []));
    if (found === version) return;
    memory.replace(readPuppets(await reader.query(everyPuppet, [])));
    version = found;
  }

  const changed: Changed = async (change) => {
    const result = await reader.transaction(async (client) => {
      const done = await change(client);
      await client.query('select pg_notify($1, $2)', [puppetsNotification, '']);
      return done;
    });
    await inTurn(read);
    return result;
  };

  await read();
  return {
    ofMatrixUser: (...args) => memory.ofMatrixUser(...args),
    ofSlackUser: (...args) => memory.ofSlackUser(...args),
    ownerOf: (...args) => memory.ownerOf(...args),
    all: () => memory.all(),
    untold: () => memory.untold(),
    tokenOf: async (team, user) => tokenIn(await secrets.get(secretId(team, user))),
    ...writes(changed, secrets),
    ...states(changed, memory),
    whenChanged: (listener) => void listeners.push(listener),
    refresh: () => inTurn(read),
  };
}

/** Writes, tells the other processes, and reads what came of it. */
type Changed = <T>(change: (client: pg.ClientBase) => Promise<T>) => Promise<T>;

function writes(changed: Changed, secrets: Secrets): Pick<Puppets, 'save' | 'remove' | 'renew'> {
  return {
    save: (puppet, token) => changed((client) => save(client, secrets, puppet, token)),
    remove: (user, team) => changed((client) => remove(client, secrets, user, team)),
    renew: (team, user, next) => changed((client) => renew(client, secrets, { team, user }, next)),
  };
}

function states(
  changed: Changed,
  memory: PuppetMemory,
): Pick<Puppets, 'setTrouble' | 'setLacking' | 'setDouble' | 'tell'> {
  const updated = async (what: string, values: readonly unknown[]): Promise<boolean> => {
    const text = `update puppet set version = default, ${what}`;
    return ((await changed((client) => client.query(text, [...values]))).rowCount ?? 0) > 0;
  };
  const update = async (...args: Parameters<typeof updated>): Promise<void> => void (await updated(...args));
  return {
    async setTrouble(team, user, why) {
      const known = memory.rows.get(slackKey(team, user));
      if (known && known.trouble === why) return;
      await update(
        'trouble = $3, notice = $3 where team = $1 and slack_user = $2 and trouble is distinct from $3',
        [team, user, why ?? null],
      );
    },
    setLacking: (team, user, scope, words) =>
      updated(
        'scopes = array_remove(scopes, $3), notice = $4 where team = $1 and slack_user = $2 and $3 = any (scopes)',
        [team, user, scope, words],
      ),
    setDouble: (user, team, double) =>
      update('double = $3, linked_at = now() where matrix_user = $1 and team = $2', [user, team, double]),
    tell: (puppet, say) => changed((client) => tell(client, puppet, say)),
  };
}

/** The stored form is a promise. */
function secretId(team: TeamId, user: SlackUserId): string {
  return `puppet:${team}:${user}`;
}

const uniqueViolation = '23505';

async function save(
  client: pg.ClientBase,
  secrets: Secrets,
  { matrixUser, team, slackUser, name, scopes }: Parameters<Puppets['save']>[0],
  token: StoredToken,
): Promise<void> {
  const within = secrets.within(client);
  const before = await client.query<{ slack_user: SlackUserId }>(
    'select slack_user from puppet where matrix_user = $1 and team = $2 for update',
    [matrixUser, team],
  );
  for (const { slack_user: old } of before.rows)
    if (old !== slackUser) await within.remove(secretId(team, old));
  try {
    await client.query(
      `insert into puppet (matrix_user, team, slack_user, name, scopes) values ($1, $2, $3, $4, $5)
       on conflict (matrix_user, team) do update set slack_user = excluded.slack_user, name = excluded.name,
         scopes = excluded.scopes, trouble = null, notice = null, linked_at = now(), version = default`,
      [matrixUser, team, slackUser, name, scopes],
    );
  } catch (error) {
    if (codeOf(error) !== uniqueViolation) throw error;
    throw new CannotBridge(
      'slack-account-linked',
      'This Slack account is linked to another Matrix account. Log out there first.',
      { cause: error },
    );
  }
  await within.put(secretId(team, slackUser), tokenText(token));
}

async function remove(
  client: pg.ClientBase,
  secrets: Secrets,
  user: MatrixUserId,
  team: TeamId,
): Promise<boolean> {
  const removed = await client.query<{ slack_user: SlackUserId }>(
    'delete from puppet where matrix_user = $1 and team = $2 returning slack_user',
    [user, team],
  );
  for (const { slack_user: slackUser } of removed.rows)
    await secrets.within(client).remove(secretId(team, slackUser));
  return removed.rows.length > 0;
}

/** The row is locked meanwhile: whoever comes second finds the new token. */
async function renew(
  client: pg.ClientBase,
  secrets: Secrets,
  { team, user }: { readonly team: TeamId; readonly user: SlackUserId },
  next: Parameters<PuppetTokens['renew']>[2],
): Promise<StoredToken | undefined> {
  const within = secrets.within(client);
  const stored = tokenIn(await within.get(secretId(team, user)));
  const token = stored && (await next(stored));
  if (token === undefined) return stored;
  await within.put(secretId(team, user), tokenText(token));
  await client.query('update puppet set version = default where team = $1 and slack_user = $2', [team, user]);
  return token;
}

/** Whose row another process holds is told by that one. */
async function tell(client: pg.ClientBase, puppet: UntoldPuppet, say: () => Promise<void>): Promise<void> {
  const { team, slackUser, notice } = puppet;
  const mine = await client.query(
    `select from puppet where team = $1 and slack_user = $2 and notice = $3 for update skip locked`,
    [team, slackUser, notice],
  );
  if (mine.rowCount === 0) return;
  await say();
  await client.query(
    'update puppet set version = default, notice = null where team = $1 and slack_user = $2',
    [team, slackUser],
  );
}
