import type pg from 'pg';
import { CannotBridge } from '../errors.ts';
import type { ChannelId, PortalId, RoomId, TeamId } from '../ids.ts';
import type {
  NewPortal,
  Portal,
  PortalChannel,
  PortalPolicy,
  PortalStatus,
  PortalStore,
  ReadThrough,
} from '../portal/ports.ts';
import { codeOf } from './db.ts';
import { createTurns } from './in-turn.ts';
import { policyColumns, portalsSql, readPortals } from './portal-rows.ts';
import type { Reader } from './reader.ts';

/** The portals, all in memory; other processes' changes come in by `refresh`. */
export interface Portals extends PortalStore {
  /**
   * Another installed workspace sees the channel of this portal, as Slack says. Throws `CannotBridge` when the channel has
   * a portal already.
   */
  addChannel(id: PortalId, channel: PortalChannel): Promise<Portal>;
  /** Reads what changed, if anything did. */
  refresh(): Promise<void>;
  /** Calls `listener` each time from now on that a portal goes live, by whichever process; it must not throw. */
  whenLive(listener: (id: PortalId) => void): void;
  /** The same when this process changed what people chose for a portal. */
  whenChosen(listener: (portal: Portal) => void): void;
}

/** The channel of PostgreSQL's notifications about portals. */
export const portalsNotification = 'portals';

const changes = {
  name: 'portals_version',
  text: 'select count(*) as portals, coalesce(sum(version), 0)::text as versions from portal',
};
const everyPortal = { name: 'portals', text: portalsSql(`status <> 'unlinked'`) };

export async function loadPortals(reader: Reader): Promise<Portals> {
  const listeners: ((id: PortalId) => void)[] = [];
  const choices: ((portal: Portal) => void)[] = [];
  const memory = createPortalMemory((id) => {
    for (const listener of listeners) listener(id);
  });
  let version = '';

  async function read(): Promise<void> {
    const found = JSON.stringify(await reader.query(changes, []));
    if (found === version) return;
    memory.replace(readPortals(await reader.query(everyPortal, [])));
    version = found;
  }

  /** Writes, tells the other processes, and reads what came of it. */
  function write(change: (client: pg.ClientBase) => Promise<unknown>): Promise<Portal> {
    return reader.transaction(async (client) => {
      const id = await change(client);
      await client.query(`update portal set version = nextval('portal_version') where id = $1`, [id]);
      await client.query('select pg_notify($1, $2)', [portalsNotification, String(id)]);
      const [portal] = readPortals((await client.query(portalsSql('p.id = $1'), [id])).rows);
      if (!portal) throw new CannotBridge('no-portal', 'This portal does not exist any more.');
      return portal;
    });
  }

  const inTurn = createTurns();
  function changed(change: (client: pg.ClientBase) => Promise<unknown>, ended?: PortalId): Promise<Portal> {
    return inTurn(async () => {
      const portal = await write(change);
      if (ended !== undefined) memory.end(ended);
      memory.put(portal);
      return portal;
    });
  }

  await read();
  return {
    byRoom: (room) => memory.byRoom.get(room),
    byChannel: (team, channel) => memory.byChannel.get(channelKey(team, channel)),
    byId: (id) => memory.byId.get(id),
    all: () => [...memory.byId.values()],
    create: (portal) => changed((client) => insert(client, portal)),
    succeed: (id, next) => changed((client) => insertAfter(client, id, next), id),
    setStatus: (id, status, because) => changed((client) => updateStatus(client, id, status, because)),
    setPolicy: async (id, change) =>
      told(choices, await changed((client) => updatePolicy(client, id, change))),
    setThrough: (id, through) => changed((client) => updateThrough(client, id, through)),
    addChannel: (id, channel) => changed((client) => insertChannel(client, id, channel)),
    moveChannel: (id, to) => changed((client) => insertBefore(client, id, to)),
    async renameChannel(team, channel, name) {
      const portal = memory.byChannel.get(channelKey(team, channel));
      if (portal) await changed((client) => updateName(client, portal.id, { team, channel, name }));
    },
    refresh: () => inTurn(read),
    whenLive: (listener) => void listeners.push(listener),
    whenChosen: (listener) => void choices.push(listener),
  };
}

function channelKey(team: TeamId, channel: ChannelId): string {
  return `${team} ${channel}`;
}

function createPortalMemory(wentLive: (id: PortalId) => void) {
  const byId = new Map<PortalId, Portal>();
  const live = new Set<PortalId>();
  const byRoom = new Map<RoomId, Portal>();
  const byChannel = new Map<string, Portal>();

  function remove(portal: Portal): void {
    byId.delete(portal.id);
    byRoom.delete(portal.room);
    for (const { team, channel } of portal.channels) byChannel.delete(channelKey(team, channel));
  }

  function put(portal: Portal): void {
    const before = byId.get(portal.id);
    if (before) remove(before);
    if (portal.status === 'unlinked') return void live.delete(portal.id);
    byId.set(portal.id, portal);
    byRoom.set(portal.room, portal);
    for (const { team, channel } of portal.channels) byChannel.set(channelKey(team, channel), portal);
    notice(portal);
  }

  function notice({ id, status }: Portal): void {
    const was = live.has(id);
    if (status === 'live') live.add(id);
    else live.delete(id);
    if (status === 'live' && !was) wentLive(id);
  }

  function end(id: PortalId): void {
    const portal = byId.get(id);
    if (portal) put({ ...portal, status: 'unlinked' });
  }

  function replace(portals: readonly Portal[]): void {
    byId.clear();
    byRoom.clear();
    byChannel.clear();
    for (const portal of portals) put(portal);
  }

  return { byId, byRoom, byChannel, put, end, replace };
}

async function insert(
  client: pg.ClientBase,
  { room, since, kind = 'channel', through, channel }: NewPortal,
): Promise<PortalId> {
  const id = await oneOf('room', () =>
    client.query<{ id: PortalId }>(
      `insert into portal (room_id, status, since, kind, through, topic) values ($1, 'pending', $2, $3, $4, $5) returning id`,
      [room, since, kind, through ?? (kind === 'channel' ? 'bot' : 'people'), kind === 'channel'],
    ),
  );
  return insertChannel(client, id, channel);
}

async function insertAfter(client: pg.ClientBase, id: PortalId, next: NewPortal): Promise<PortalId> {
  await updateStatus(client, id, 'unlinked', undefined);
  await client.query(`update portal set version = nextval('portal_version') where id = $1`, [id]);
  return insert(client, next);
}

function insertChannel(client: pg.ClientBase, id: PortalId, channel: PortalChannel): Promise<PortalId> {
  return oneOf('channel', () =>
    client.query<{ id: PortalId }>(
      `insert into portal_channel (team, channel, portal, name, position)
       select $1, $2, $3, $4, count(*) from portal_channel where portal = $3 returning portal as id`,
      [channel.team, channel.channel, id, channel.name],
    ),
  );
}

/** It becomes the one that we post through. Told twice, it is that already. */
function insertBefore(client: pg.ClientBase, id: PortalId, channel: PortalChannel): Promise<PortalId> {
  return oneOf('channel', async () => {
    const values = [channel.team, channel.channel, id, channel.name];
    const inserted = await client.query<{ id: PortalId }>(
      `insert into portal_channel (team, channel, portal, name, position)
       select $1, $2, $3, $4, min(position) - 1 from portal_channel where portal = $3 and until is null
       having not bool_or(team = $1 and channel = $2) returning portal as id`,
      values,
    );
    return inserted.rowCount === 0
      ? client.query<{ id: PortalId }>('select id from portal where id = $1', [id])
      : inserted;
  });
}

/** One room has one portal, and so has one channel. */
async function oneOf(
  what: 'room' | 'channel',
  query: () => Promise<pg.QueryResult<{ id: PortalId }>>,
): Promise<PortalId> {
  try {
    const [row] = (await query()).rows;
    if (!row) throw new Error('nothing was inserted');
    return row.id;
  } catch (error) {
    if (codeOf(error) !== uniqueViolation) throw error;
    throw new CannotBridge(`${what}-linked`, `This ${what} is linked already. Unlink it first.`, {
      cause: error,
    });
  }
}

const uniqueViolation = '23505';

async function updateStatus(
  client: pg.ClientBase,
  id: PortalId,
  status: PortalStatus,
  because: string | undefined,
): Promise<PortalId> {
  await client.query(
    `update portal set status = $2, paused_because = $3 where id = $1 and status <> 'unlinked'`,
    [id, status, because ?? null],
  );
  if (status === 'unlinked') {
    await client.query('update portal_channel set until = now() where portal = $1 and until is null', [id]);
    await client.query('delete from reaction_note where portal = $1', [id]); // what was said stays
  }
  return id;
}

function told(listeners: readonly ((portal: Portal) => void)[], portal: Portal): Portal {
  for (const listener of listeners) listener(portal);
  return portal;
}

async function updateThrough(client: pg.ClientBase, id: PortalId, through: ReadThrough): Promise<PortalId> {
  await client.query('update portal set through = $2 where id = $1', [id, through]);
  return id;
}

async function updatePolicy(
  client: pg.ClientBase,
  id: PortalId,
  change: Partial<PortalPolicy>,
): Promise<PortalId> {
  for (const [name, column] of Object.entries(policyColumns)) {
    const value: unknown = Object.entries(change).find(([key]) => key === name)?.[1];
    if (value !== undefined)
      await client.query(`update portal set ${column} = $2 where id = $1`, [id, value]);
  }
  if (change.reactionNames === false)
    await client.query(
      'update reaction_note set outdated_at = coalesce(outdated_at, now()) where portal = $1',
      [id],
    ); // whoever shows them finds that nobody wants them
  return id;
}

async function updateName(client: pg.ClientBase, id: PortalId, channel: PortalChannel): Promise<PortalId> {
  await client.query(
    'update portal_channel set name = $3 where team = $1 and channel = $2 and until is null',
    [channel.team, channel.channel, channel.name],
  );
  return id;
}
