import { cleanName } from '../../format/names.ts';
import type { MatrixUserId, RoomId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import type { RelayIdentity } from '../ports.ts';

/** Slack takes so long a name, the mark included. */
const longestName = 80;

/**
 * Under which name and picture Slack shows a person of Matrix: `Ann (Matrix)`. The mark is always there and always last,
 * so that nobody can pass for a member of the workspace; where two people in a room have one name, it holds their id.
 */
export async function relayIdentity(
  context: PortalContext,
  room: RoomId,
  sender: MatrixUserId,
): Promise<RelayIdentity> {
  const member = await context.matrix.member(room, sender);
  const picture = member.picture === undefined ? undefined : context.pictureLink(member.picture);
  const id = sender.slice(1);
  const mark = member.ambiguous === true ? `(${fit(id, 40)} on Matrix)` : '(Matrix)';
  const space = longestName - mark.length - 1;
  const name = `${fit(member.name, space) || fit(id, space)} ${mark}`;
  return { name, ...(picture !== undefined && { picture }) };
}

/** A name of at most so many UTF-16 units, cut between graphemes. */
function fit(value: string, units: number): string {
  let length = units;
  let name = cleanName(value, length);
  while (name.length > units) {
    length -= 1;
    name = cleanName(value, length);
  }
  return name;
}
