import type { World } from '../world.ts';
import type { Ephemeral } from './model.ts';

/** More than these nobody scrolls back to. */
const MOST_KEPT = 200;

/** Shows a message to one person. */
export function showEphemeral(world: World, ephemeral: Omit<Ephemeral, 'ts'>): Ephemeral {
  const channel = world.channels.get(ephemeral.channelId);
  const shown = { ...ephemeral, ts: channel ? world.nextTs(channel) : world.eventTs() };
  world.ephemerals.push(shown);
  if (world.ephemerals.length > MOST_KEPT) world.ephemerals.shift();
  touch(world, shown);
  return shown;
}

export function findEphemeral(world: World, channelId: string, ts: string): Ephemeral | undefined {
  return world.ephemerals.find((each) => each.channelId === channelId && each.ts === ts);
}

export function changeEphemeral(
  world: World,
  ephemeral: Ephemeral,
  change: Pick<Ephemeral, 'text' | 'blocks'>,
): void {
  ephemeral.text = change.text;
  ephemeral.blocks = change.blocks;
  touch(world, ephemeral);
}

export function removeEphemeral(world: World, ephemeral: Ephemeral): void {
  const at = world.ephemerals.indexOf(ephemeral);
  if (at >= 0) world.ephemerals.splice(at, 1);
  touch(world, ephemeral);
}

function touch(world: World, { channelId, ts }: Ephemeral): void {
  const teamId = world.channels.get(channelId)?.teamId;
  world.changed({ what: 'message', teamId, channelId, id: ts });
}
