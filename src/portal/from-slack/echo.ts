import type { SlackMessage } from '../../events.ts';
import type { Work } from '../context.ts';
import { removeDouble } from '../from-matrix/settle.ts';
import type { MessageLink } from '../ports.ts';

/**
 * Whether a message on Slack is our own copy of something from Matrix (or any other post of our app). What was written
 * in Matrix never comes back, whether or not the answer to the post arrived: an echo fills a mapping that is missing.
 * `links` are those of the message.
 */
export async function recogniseEcho(
  work: Work,
  message: SlackMessage,
  links: readonly MessageLink[],
): Promise<boolean> {
  const { context, portal } = work;
  if (links.some((link) => link.origin === 'matrix')) return true;
  if (links.some((link) => link.event !== undefined)) return false; // written by hand, be it changed from Matrix
  const isOurs = context.slack.isOurs(message);
  // a file that a linked person's own account shares may not say which app did that
  if (!isOurs && !(message.files.length > 0 && isByLinked(work, message))) return false;
  const keys = keysOf(message);
  if (keys.length === 0 || (await context.links.isDeleted(portal.id, message.ts))) return isOurs;
  for (const key of keys) if (await confirmAttempt(work, message, key)) return true;
  return isOurs;
}

function isByLinked({ context }: Work, { author, team }: SlackMessage): boolean {
  return author.type === 'user' && context.puppets.ofSlackUser(team, author.id) !== undefined;
}

/** A message that shares files carries no key of ours: one of the files is its key. */
function keysOf({ opKey, files }: SlackMessage): readonly string[] {
  return opKey === undefined ? files.map(({ id }) => `file:${id}`) : [opKey];
}

/** Whether there is such an attempt. */
async function confirmAttempt(work: Work, message: SlackMessage, opKey: string): Promise<boolean> {
  const { context, portal, turn } = work;
  const attempt = await context.links.attemptByKey(opKey);
  if (!attempt || attempt.link.portal !== portal.id) return false;
  const { event, piece } = attempt.link;
  const known = event === undefined ? [] : await context.links.byEvent(event);
  const linked = known.find((link) => link.piece === piece);
  if (linked && linked.ts !== message.ts) {
    turn.mayWrite();
    const postedAs = isByLinked(work, message) ? message.author.id : message.team;
    await removeDouble(work, message, { ts: message.ts, postedAs });
    return true;
  }
  turn.remember({ type: 'link', link: { ...attempt.link, ts: message.ts } });
  turn.remember({ type: 'attempt-settled', seq: attempt.seq, piece: attempt.piece, applied: true });
  return true;
}
