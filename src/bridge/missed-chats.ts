import { CannotBridge, TryLater } from '../errors.ts';
import type { ChannelId, TeamId } from '../ids.ts';
import { ts } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Puppet } from '../portal/ports.ts';
import { atMost } from '../slack/at-most.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Connected } from '../slack/transport.ts';
import type { Store } from '../store/open-store.ts';

interface Watched {
  readonly store: Pick<Store, 'intake' | 'portals' | 'puppets'> & {
    readonly catchUp: Pick<Store['catchUp'], 'heardAgo'>;
  };
  readonly findChats: SlackAdapter['missedChats'];
  readonly log: Logger;
}

/** What came just before is looked at again, in milliseconds: it may have been on its way. */
const overlap = 60_000;
/** Of an absence that was longer, the last part. */
const longest = 7 * 86_400_000;
const stopWithin = 1000;

export interface MissedChats {
  /** Events come again: what was said in chats that have no room may have been missed. */
  readonly connected: Connected;
  stop(): Promise<void>;
}

/** Chats without a room in which somebody wrote while nobody listened get theirs. Those with a room are read like channels. */
export function watchMissedChats({ store, findChats, log }: Watched): MissedChats {
  const stopping = new AbortController();
  const running = new Map<TeamId, Promise<void>>();

  async function look(team: TeamId, away: number | undefined): Promise<void> {
    const ago = away ?? (await store.catchUp.heardAgo(team));
    if (ago === undefined) return; // the first start: nothing was missed
    const since = Date.now() - Math.min(ago + overlap, longest);
    const looked = new Set<string>();
    for (const puppet of store.puppets.all())
      if (puppet.team === team && puppet.trouble === undefined) await lookAs(puppet, since, looked);
  }

  async function lookAs({ team, slackUser: user, ...puppet }: Puppet, since: number, looked: Set<string>) {
    const from = Math.max(since, puppet.since ?? 0);
    const isKnown = (channel: ChannelId): boolean => {
      const isDone = looked.has(channel) || store.portals.byChannel(team, channel) !== undefined;
      looked.add(channel);
      return isDone;
    };
    const owner = { team, user, scopes: puppet.scopes };
    const missed = { since: ts((from / 1000).toFixed(6)), isKnown, signal: stopping.signal };
    try {
      for await (const delivery of findChats(owner, missed)) await store.intake.store([delivery]);
    } catch (error) {
      if (!(error instanceof CannotBridge || error instanceof TryLater)) throw error;
      log.info('the chats of a linked person could not be looked at', { team, user, error });
    }
  }

  function begin(team: TeamId, away: number | undefined): void {
    if (running.has(team)) return;
    const work = look(team, away)
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) log.warn('chats could not be looked at after a gap', { team, error });
      })
      .finally(() => running.delete(team));
    running.set(team, work);
  }

  return {
    connected: (teams, away) => {
      for (const team of teams) begin(team, away);
    },
    stop: async () => {
      stopping.abort(new TryLater('the bridge stops'));
      await atMost(stopWithin, Promise.all(running.values()));
    },
  };
}
