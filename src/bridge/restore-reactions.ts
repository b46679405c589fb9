import type { MatrixReaction } from '../events.ts';
import { canonicalName, reactionToSlackName, unicodeOfName } from '../format/emoji.ts';
import type { Ts } from '../ids.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { LinkStore, Portal, SlackPort } from '../portal/ports.ts';

/** A reaction of our bot in Slack: it stands for people in the room. */
export interface BotReaction {
  readonly ts: Ts;
  readonly name: string;
}

interface Parts {
  readonly links: Pick<LinkStore, 'byTs'>;
  readonly shownRoom: Pick<MatrixAdapter['shownRoom'], 'reactions'>;
  readonly unreact: SlackPort['unreact'];
}

/**
 * Takes those back behind which nobody in the room stands. A reaction that was given and taken back since the backup
 * doesn't say any more what it was to: only the two sides side by side show that it is gone.
 */
export async function takeBackReactions(
  { links, shownRoom, unreact }: Parts,
  portal: Portal,
  given: readonly BotReaction[],
): Promise<void> {
  for (const [ts, reactions] of Map.groupBy(given, (reaction) => reaction.ts)) {
    const known = await links.byTs(portal.id, ts);
    const event = known.find((link) => link.event !== undefined)?.event;
    if (event === undefined) continue;
    const standing = await shownRoom.reactions(portal.room, event);
    const names = new Set(standing.flatMap(nameOf));
    // a picture that doesn't say its name may be any of the workspace's own
    const hasNameless = standing.some(
      (shown) => shown.key.startsWith('mxc://') && nameOf(shown).length === 0,
    );
    for (const { name } of reactions) {
      const mayStand = names.has(canonicalName(name)) || (hasNameless && unicodeOfName(name) === undefined);
      if (!mayStand) await unreact(portal.channels[0], ts, name);
    }
  }
}

function nameOf({ key, shortcode }: MatrixReaction): readonly string[] {
  const name = reactionToSlackName(key, shortcode);
  return name === undefined ? [] : [canonicalName(name)];
}
