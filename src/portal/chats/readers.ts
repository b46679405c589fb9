import type { SlackPlace } from '../../events.ts';
import type { SlackUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';

/** Linked people who were seen to be in a channel, and can be asked now: whoever was told of it last first. */
export function readersOf(
  { puppets, readers }: Pick<PortalContext, 'puppets' | 'readers'>,
  place: SlackPlace,
): readonly SlackUserId[] {
  return readers.of(place).filter((user) => puppets.ofSlackUser(place.team, user) !== undefined);
}
