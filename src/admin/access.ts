import { CannotBridge } from '../errors.ts';
import type { RoomId } from '../ids.ts';
import type { Permission } from '../portal/ports.ts';
import type { Request } from './command.ts';

const ranks: Readonly<Record<Permission, number>> = { none: 0, relay: 1, user: 2, admin: 3 };

/** Throws `CannotBridge` that says whom to ask. */
export function requirePermission(has: Permission, needs: Permission): void {
  if (ranks[has] >= ranks[needs]) return;
  throw new CannotBridge(
    'permission',
    `You need the bridge's permission “${needs}” for this, and have “${has}”. Ask the administrator of the bridge.`,
  );
}

/** Whoever changes what a room is joined to needs the power to change the room's settings. */
export async function requirePower({ context, message }: Request, room: RoomId): Promise<void> {
  const needed = await context.matrix.powerNeeded(room, { state: 'm.bridge' });
  const has = await context.matrix.powerOf(room, message.sender);
  if (has >= needed) return;
  throw new CannotBridge(
    'power',
    `You need a power level of ${needed} in the room for this, and have ${has}. Ask one of the room's moderators.`,
  );
}

/** As {@link requirePower}; administrators of the bridge may change any portal. */
export async function requirePowerOrAdmin(request: Request, room: RoomId): Promise<void> {
  if (request.permission !== 'admin') await requirePower(request, room);
}
