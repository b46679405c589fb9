import { cleanName } from '../../format/names.ts';
import type { MatrixMessage } from '../../events.ts';
import type { RoomId } from '../../ids.ts';
import type { MatrixPort, PictureLink, RelayIdentity } from '../ports.ts';

/** Slack takes so long a name, the mark included. */
const longestName = 80;
/** What of it the sender takes within the mark. */
const longestInMark = 40;

/** What of the context a name is made with. */
export interface Naming {
  readonly matrix: Pick<MatrixPort, 'member'>;
  readonly pictureLink: PictureLink;
}

/**
 * Under which name and picture Slack shows a person of Matrix: `Ann (Matrix)`. The mark is always there and always last,
 * so that nobody can pass for a member of the workspace; where two people in a room have one name, it holds their id.
 *
 * Whom a message names as its speaker is shown with who really sent it in the mark: `Zoe (via Ann on Matrix)`.
 */
export async function relayIdentity(
  context: Naming,
  room: RoomId,
  { sender, speaker }: Pick<MatrixMessage, 'sender' | 'speaker'>,
): Promise<RelayIdentity> {
  const member = await context.matrix.member(room, sender);
  const mxc = speaker ? speaker.picture : member.picture;
  const picture = mxc === undefined ? undefined : context.pictureLink(mxc);
  const id = sender.slice(1);
  const isAmbiguous = member.ambiguous === true;
  const sent = (isAmbiguous ? '' : fit(member.name, longestInMark)) || fit(id, longestInMark);
  const mark = speaker ? `(via ${sent} on Matrix)` : isAmbiguous ? `(${sent} on Matrix)` : '(Matrix)';
  const space = longestName - mark.length - 1;
  const name = `${fit((speaker ?? member).name, space) || fit(id, space)} ${mark}`;
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
