import type { SlackFile, SlackMessage } from '../events.ts';
import { ts as tsId } from '../ids.ts';
import type { MatrixUserId, SlackUserId, Ts } from '../ids.ts';
import { keyInFileName } from '../portal/file-key.ts';
import type { Portal } from '../portal/ports.ts';
import { catchUp } from '../slack/catch-up.ts';
import type { CatchUpParts, Reading } from '../slack/catch-up.ts';
import type { Fields } from '../slack/fields.ts';
import { maybe, objectsOf, textOf } from '../slack/fields.ts';
import { messageEvent } from '../slack/inbound-message.ts';
import type { BotReaction } from './restore-reactions.ts';
import type { SharedPost } from './restore-shares.ts';

/** What the bridge did in a channel. */
export interface OwnDeeds {
  /** By their keys. Of two with one key the older one counts. */
  readonly posts: ReadonlyMap<string, Post>;
  /** Those that show files which people sent. */
  readonly shares: readonly SharedPost[];
  readonly reactions: readonly BotReaction[];
}

/** A post of ours in Slack. */
export interface Post {
  readonly ts: Ts;
  readonly threadTs?: Ts;
  /** Of a file that it shares. */
  readonly part?: `file:${string}`;
  /** The person's own account that made it; absent: the bot. */
  readonly account?: SlackUserId;
}

export interface DeedsOptions {
  /** Whose account this is in Matrix; undefined: nobody's who is linked. */
  readonly personOf: (account: SlackUserId) => MatrixUserId | undefined;
  readonly signal: AbortSignal;
}

/**
 * Our posts and reactions in a channel and its threads. Nothing is stored. Throws like `catchUp`.
 */
export async function findDeeds(
  parts: CatchUpParts,
  portal: Portal,
  reading: Reading,
  { personOf, signal }: DeedsOptions,
): Promise<OwnDeeds> {
  const posts = new Map<string, Post>();
  const shares = new Map<Ts, SharedPost>();
  const reactions = new Map<string, BotReaction>();
  const bots = new Set<string>(parts.slack.teams().map(({ bot }) => bot));
  const [{ team, channel }] = portal.channels;

  function noteReactions(raw: Fields): void {
    const at = maybe(tsId, raw['ts']);
    if (at === undefined) return;
    for (const { name: told, users } of objectsOf(raw['reactions'])) {
      const name = textOf(told);
      const isOurs = Array.isArray(users) && users.some((user) => bots.has(String(user)));
      if (name !== undefined && isOurs) reactions.set(`${at} ${name}`, { ts: at, name });
    }
  }

  function note(raw: Fields): void {
    const event = maybe(() => messageEvent(team, { ...raw, type: 'message', channel }), raw);
    if (event?.type !== 'message') return;
    const { ts, threadTs, files, author } = event;
    const [file] = files;
    const account = author.type === 'user' && !bots.has(author.id) ? author.id : undefined;
    const person = account && personOf(account); // what somebody shares doesn't say by which app
    if (!parts.slack.isOurs(event) && !(person && file)) return;
    const textKey = file && keyInFileName(file.name);
    if (file && textKey === undefined)
      shares.set(ts, { ...sharedPost(event, file), ...(account && person && { account, person }) });
    const key = event.opKey ?? textKey;
    const known = key === undefined ? undefined : posts.get(key);
    if (key === undefined || (known && known.ts <= ts)) return;
    posts.set(key, {
      ts,
      ...(threadTs !== undefined && { threadTs }),
      ...(file && { part: `file:${file.id}` }),
      ...(account && { account }),
    });
  }

  const observed = observing(parts, (raw) => {
    note(raw);
    noteReactions(raw);
  });
  await catchUp(observed, portal, reading, { signal });
  return { posts, shares: [...shares.values()], reactions: [...reactions.values()] };
}

/** The same reading, of which nothing is stored. */
function observing(parts: CatchUpParts, note: (raw: Fields) => void): CatchUpParts {
  return {
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
}

function sharedPost({ ts, threadTs, author, files }: SlackMessage, first: SlackFile): SharedPost {
  return {
    ts,
    ...(threadTs !== undefined && { threadTs }),
    part: `file:${first.id}`,
    username: (author.type === 'bot' && author.name) || '',
    names: files.map(({ name }) => name),
    ids: files.map(({ id }) => id),
  };
}
