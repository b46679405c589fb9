import type { Block } from '../format/doc.ts';
import type { Portal } from '../portal/ports.ts';
import type { RoomAlias } from '../portal/shown/alias.ts';
import type { Answer, Request } from './command.ts';
import { encryptionLines } from './crypto.ts';
import { channelTitle, findPortal, portalHere, portalTitle, teamsFor } from './find.ts';
import { policyLines } from './policies.ts';
import type { NetworkState, QueueDepth, Waiting } from './ports.ts';
import { bold, bullets, line, reply, withData } from './reply.ts';
import { duration } from './time-words.ts';

/** How the portal of the room, or the one that is named, is doing; without one, the bridge as a whole. */
export async function status(request: Request): Promise<Answer> {
  const { args, context } = request;
  const isOne = args['channel'] !== undefined || portalHere(request) !== undefined;
  const portal = isOne ? await findPortal(request, args['channel']) : undefined;
  const first = portal ? await portalBlocks(request, portal) : await bridgeBlocks(request);
  return withData(reply(...first, ...networkBlocks(request)), {
    ...(portal && { room: portal.room, status: portal.status, because: portal.pausedBecause }),
    queue: await context.queue.depth(portal?.id),
    workspaces: ownWorkspaces(request),
    homeserver: context.homeserver(),
  });
}

function ownWorkspaces(request: Request) {
  const open = teamsFor(request);
  return request.context.workspaces().filter(({ team }) => open.includes(team));
}

async function portalBlocks({ context, place }: Request, portal: Portal): Promise<readonly Block[]> {
  const title = portalTitle(context, portal);
  const because = portal.pausedBecause === undefined ? '' : ` ${portal.pausedBecause}`;
  const depth = await context.queue.depth(portal.id);
  const alias = portal.status === 'live' ? await context.linking.aliasOf(portal) : undefined;
  const leftOut = [...aliasLines(alias), ...(await leftOutLines(context, portal, alias))];
  const others = portal.room === place.room ? withoutQuestion(depth) : depth;
  return [
    line(bold(title), `: ${portal.status}.${because}`),
    bullets(
      [...queueLines(others, context.now()), ...leftOut, ...policyLines(portal.policy)].map((each) => [each]),
    ),
  ];
}

function aliasLines(alias: RoomAlias | undefined): readonly string[] {
  if (!alias) return [];
  if (alias.there) return [`Address: ${alias.alias}`];
  const reason = alias.taken
    ? 'it leads to another room'
    : 'it comes with a later look at the channel, if the homeserver lets me';
  return [`Left out: the address ${alias.alias} (${reason})`];
}

/** What the bridge would do in the room, and the room doesn't let the bot. */
async function leftOutLines(
  { matrix }: Request['context'],
  { room, status, policy }: Portal,
  alias: RoomAlias | undefined,
): Promise<readonly string[]> {
  if (status !== 'live') return [];
  const wanted: readonly (readonly [boolean, string, string])[] = [
    [policy.topic, 'm.room.topic', 'the topic'],
    [policy.name, 'm.room.name', 'the name'],
    [alias !== undefined, 'm.room.canonical_alias', 'its address'],
    [policy.pins, 'm.room.pinned_events', 'pinned messages'],
    [policy.readOnly, 'm.room.power_levels', 'who may write while the channel is archived'],
  ];
  const own = await matrix.powerOf(room, matrix.bot);
  const lines: string[] = [];
  for (const [isOn, state, what] of wanted) {
    const needed = isOn ? await matrix.powerNeeded(room, { state }) : 0;
    if (own < needed)
      lines.push(`Left out in the room: ${what} (I need a power level of ${needed} for it, and have ${own})`);
  }
  return lines;
}

async function bridgeBlocks(request: Request): Promise<readonly Block[]> {
  const { context } = request;
  const portals = context.portals.all().filter(({ kind }) => kind === 'channel');
  const counts = new Map<string, number>();
  for (const portal of portals) counts.set(portal.status, (counts.get(portal.status) ?? 0) + 1);
  const states = Array.from(counts, ([name, count]) => `${count} ${name}`).join(', ');
  const linked = portals.length === 0 ? 'No channel is linked.' : `Linked channels: ${states}.`;
  const depth = withoutQuestion(await context.queue.depth());
  const lines = [...queueLines(depth, context.now()), ...pausedLines(request)];
  return [line(linked), bullets(lines.map((each) => [each]))];
}

const mostPaused = 20;

/** Their channels may be private ones: for administrators only. Chats are nobody's business. */
function pausedLines({ context, permission }: Request): readonly string[] {
  if (permission !== 'admin') return [];
  const paused = context.portals
    .all()
    .filter(({ kind, status }) => kind === 'channel' && status === 'paused');
  const shown = paused
    .slice(0, mostPaused)
    .map(
      ({ channels, pausedBecause }) =>
        `Paused: ${channelTitle(context, channels[0])}. ${pausedBecause ?? ''}`,
    );
  const more = paused.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} more are paused`] : shown;
}

/** The question waits among the messages until it is answered. */
function withoutQuestion(depth: QueueDepth): QueueDepth {
  const { items, ...rest } = depth.toSlack;
  return { ...depth, toSlack: { ...rest, items: Math.max(0, items - 1) } };
}

function networkBlocks(request: Request): readonly Block[] {
  const { context } = request;
  const open = teamsFor(request);
  const teams = ownWorkspaces(request).map((team) => [`Slack, ${team.name}: ${wordsFor(team)}`]);
  const lacks = context.slack
    .teams()
    .filter(({ id }) => open.includes(id))
    .flatMap((team) => (team.lacks ?? []).map((scope) => [`The app in ${team.name} lacks ${scope}`]));
  return [
    bullets([
      ...teams,
      ...lacks,
      [`Homeserver: ${wordsFor(context.homeserver())}`],
      ...encryptionLines(request).map((each) => [each]),
      ...restoredLines(context),
    ]),
  ];
}

function restoredLines({ restored }: Request['context']): readonly (readonly string[])[] {
  const left = restored();
  if (left === 0) return [];
  const waiting = left === 1 ? 'One linked channel waits' : `${left} linked channels wait`;
  return [[`The database was restored from a backup. ${waiting} until both sides are compared.`]];
}

function wordsFor({ ok, reason }: NetworkState): string {
  return ok ? 'fine' : (reason ?? 'out of reach');
}

function queueLines(depth: QueueDepth, now: number): readonly string[] {
  return [
    `Waiting for Matrix: ${waiting(depth.toMatrix, now)}`,
    `Waiting for Slack: ${waiting(depth.toSlack, now)}`,
    ...(depth.parked > 0 ? [`Waiting for a message, a file or a key that they need: ${depth.parked}`] : []),
    ...(depth.dead > 0 ? [`Given up: ${depth.dead} (“dead-letters” shows them)`] : []),
  ];
}

function waiting({ items, oldest }: Waiting, now: number): string {
  if (items === 0) return 'nothing';
  return oldest === undefined ? String(items) : `${items}, the oldest for ${duration(now - oldest)}`;
}
