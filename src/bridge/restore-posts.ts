import type { Ts } from '../ids.ts';
import type { Portal } from '../portal/ports.ts';
import { catchUp } from '../slack/catch-up.ts';
import type { CatchUpParts, Reading } from '../slack/catch-up.ts';
import type { Fields } from '../slack/fields.ts';
import { maybe } from '../slack/fields.ts';
import { messageEvent } from '../slack/inbound-message.ts';

/** A post of ours in Slack. */
export interface Post {
  readonly ts: Ts;
  readonly threadTs?: Ts;
}

/**
 * Our posts in a channel and its threads, by their keys. Nothing is stored. Of two with one key the older one counts.
 * Throws like `catchUp`.
 */
export async function findPosts(
  parts: CatchUpParts,
  portal: Portal,
  reading: Reading,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Post>> {
  const posts = new Map<string, Post>();
  const [{ team, channel }] = portal.channels;

  function note(raw: Fields): void {
    const event = maybe(() => messageEvent(team, { ...raw, type: 'message', channel }), raw);
    if (event?.type !== 'message' || event.opKey === undefined || !parts.slack.isOurs(event)) return;
    const { ts, threadTs, opKey } = event;
    const known = posts.get(opKey);
    if (!known || ts < known.ts) posts.set(opKey, { ts, ...(threadTs !== undefined && { threadTs }) });
  }

  const observed: CatchUpParts = {
    ...parts,
    intake: { store: () => Promise.resolve() },
    found: () => undefined,
    history: (patience) => {
      const history = parts.history(patience);
      return {
        async *messages(place, range) {
          for await (const raw of history.messages(place, range)) {
            note(raw);
            yield raw;
          }
        },
      };
    },
  };
  await catchUp(observed, portal, reading, { signal });
  return posts;
}
