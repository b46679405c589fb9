import { CannotBridge } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import type { RoomId } from '../ids.ts';
import type { Permission, Portal, PortalChannel } from '../portal/ports.ts';
import type { Asker, SlackAsker } from './asker.ts';
import { matrixUserOf } from './asker.ts';
import type { Request } from './command.ts';

const ranks: Readonly<Record<Permission, number>> = { none: 0, relay: 1, user: 2, admin: 3 };

export function hasPermission(has: Permission, needs: Permission): boolean {
  return ranks[has] >= ranks[needs];
}

/** Throws `CannotBridge` that says whom to ask. */
export function requirePermission({ permission: has, slack }: Asker, needs: Permission): void {
  if (hasPermission(has, needs)) return;
  const refusal =
    slack === undefined || needs === 'admin'
      ? `You need the bridge's permission “${needs}” for this, and have “${has}”. Ask the administrator of the bridge.`
      : `This is not for ${people[slack.role]}. “/matrix help” shows what you can say; ask the administrator of the bridge for more.`;
  throw new CannotBridge('permission', refusal);
}

const people: Readonly<Record<SlackAsker['role'], string>> = {
  owner: 'you',
  admin: 'you',
  member: 'you',
  guest: 'guests of the workspace',
  stranger: 'people of other organisations',
};

/** Whoever changes what a room is joined to needs the power to change the room's settings. */
export async function requirePower({ context, asker }: Request, room: RoomId): Promise<void> {
  const { has, needed } = await powerIn(context, asker, room);
  if (has >= needed) return;
  throw new CannotBridge(
    'power',
    `You need a power level of ${needed} in the room for this, and have ${has}. Ask one of the room's moderators.`,
  );
}

/** Whether the asker could change the room's settings there: with a Matrix account, a permission for it, and power. */
export async function hasPower({ context, asker }: Request, room: RoomId): Promise<boolean> {
  if (asker.matrixUser === undefined) return false;
  if (!hasPermission(context.permissionOf(asker.matrixUser), 'user')) return false;
  const { has, needed } = await powerIn(context, asker, room);
  return has >= needed;
}

async function powerIn({ matrix }: Request['context'], asker: Asker, room: RoomId) {
  const user = matrixUserOf(asker);
  const needed = await matrix.powerNeeded(room, { state: 'm.bridge' });
  return { needed, has: await matrix.powerOf(room, user) };
}

/**
 * Whoever changes a portal is an administrator of the bridge, has the power to change the room's settings, or looks after the
 * channel in Slack. Throws `CannotBridge` that says what is missing.
 */
export async function requireCharge(request: Request, portal: Portal): Promise<void> {
  const { asker, permission } = request;
  if (permission === 'admin') return;
  const { slack } = asker;
  if (slack === undefined) return requirePower(request, portal.room);
  for (const channel of portal.channels) if (await looksAfter(request, channel)) return;
  if (await hasPower(request, portal.room)) return;
  throw notInCharge(portal.channels[0].name);
}

/** The same of a channel that need not be linked, for who asks in Slack. */
export async function requireChannel(request: Request, channel: PortalChannel): Promise<void> {
  if (request.permission === 'admin' || (await looksAfter(request, channel))) return;
  throw notInCharge(channel.name);
}

function notInCharge(channel: string): CannotBridge {
  return new CannotBridge(
    'not-in-charge',
    `Only who made #${channel} and the admins of this workspace may do this, and who has the power for it in its Matrix room. Ask one of them.`,
  );
}

/** Whether somebody of Slack may say what becomes of a channel of their workspace. */
async function looksAfter({ asker: { slack }, context }: Request, place: SlackPlace): Promise<boolean> {
  if (slack === undefined || slack.team !== place.team) return false;
  if (slack.manages) return true;
  return (await context.slack.channel(place.team, place.channel))?.creator === slack.user;
}
