import { cleanName } from '../../format/names.ts';
import type { MatrixUserId, RoomId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import type { RelayIdentity } from '../ports.ts';

/** Slack takes 80 characters for a name; the mark has to fit as well. */
const longestName = 60;

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
  const shown = cleanName(member.name, longestName) || cleanName(id, longestName);
  const mark = member.ambiguous === true ? `(${cleanName(id, longestName)} on Matrix)` : '(Matrix)';
  return { name: `${shown} ${mark}`.slice(0, 80), ...(picture !== undefined && { picture }) };
}
