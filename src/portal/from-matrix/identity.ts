import { cleanName } from '../../format/names.ts';
import type { MatrixMessage } from '../../events.ts';
import type { MatrixPort, PictureLink, Portal, RelayIdentity, SlackPort } from '../ports.ts';

/** Slack takes so long a name, the mark included. */
const longestName = 80;
/** What of it the sender takes within the mark. */
const longestInMark = 40;

/** What of the context a name is made with. */
export interface Naming {
  readonly matrix: Pick<MatrixPort, 'member' | 'bot'>;
  readonly slack: Pick<SlackPort, 'isNameTaken'>;
  readonly pictureLink: PictureLink;
}

/**
 * Under which name and picture Slack shows a person of Matrix. A mark is always there and always last, so that nobody can
 * pass for a member of the workspace.
 *
 * | who                                                              | name                                     |
 * | ---------------------------------------------------------------- | ---------------------------------------- |
 * | a person of our homeserver                                       | `Ann (Matrix)`                           |
 * | of another one                                                   | `Ann (elsewhere.org on Matrix)`          |
 * | one whose name looks like that of somebody else in the room, or  | `Ann (ann:example.org on Matrix)`        |
 * | of a person or an app of the workspace                           |                                          |
 * | whom a message names as its speaker                              | `Zoe (via Ann on Matrix)`                |
 * | the same, where a name of these isn't one person's               | `Zoe (via ann:example.org on Matrix)`    |
 */
export async function relayIdentity(
  context: Naming,
  { room, channels }: Pick<Portal, 'room' | 'channels'>,
  { sender, speaker }: Pick<MatrixMessage, 'sender' | 'speaker'>,
): Promise<RelayIdentity> {
  const { matrix, slack } = context;
  const member = await matrix.member(room, sender);
  const mxc = speaker ? speaker.picture : member.picture;
  const picture = mxc === undefined ? undefined : context.pictureLink(mxc);
  const id = sender.slice(1);
  const server = serverOf(sender) === serverOf(matrix.bot) ? undefined : serverOf(sender);
  const isTaken = (name: string): boolean => channels.some(({ team }) => slack.isNameTaken(team, name));
  const byId =
    member.ambiguous === true ||
    isTaken(member.name) ||
    (speaker !== undefined && (server !== undefined || isTaken(speaker.name)));
  const sent = (byId ? '' : fit(member.name, longestInMark)) || fit(id, longestInMark);
  const mark = markOf({ speaks: speaker !== undefined, byId, sent, server });
  const space = longestName - mark.length - 1;
  const name = `${fit((speaker ?? member).name, space) || fit(id, space)} ${mark}`;
  return { name, ...(picture !== undefined && { picture }) };
}

interface Mark {
  readonly speaks: boolean;
  readonly byId: boolean;
  readonly sent: string;
  readonly server: string | undefined;
}

function markOf({ speaks, byId, sent, server }: Mark): string {
  if (speaks) return `(via ${sent} on Matrix)`;
  if (byId) return `(${sent} on Matrix)`;
  return server === undefined ? '(Matrix)' : `(${fit(server, longestInMark)} on Matrix)`;
}

/** The name that the mark of `relayIdentity` follows. */
export function withoutMark(name: string): string {
  const mark = name.lastIndexOf(' (');
  return mark < 0 ? name : name.slice(0, mark);
}

function serverOf(user: string): string {
  return user.slice(user.indexOf(':') + 1);
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
