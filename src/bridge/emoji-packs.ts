import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotBridge, TryLater } from '../errors.ts';
import type { PortalId, RoomId, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { MatrixPort, Portal, PortalStore, SlackTeam } from '../portal/ports.ts';
import type { EmojiPictures } from '../store/emoji.ts';

interface PacksOptions {
  readonly emoji: EmojiPictures;
  readonly portals: Pick<PortalStore, 'all'>;
  readonly matrix: Pick<MatrixPort, 'picture' | 'state' | 'setState'>;
  readonly teams: () => readonly SlackTeam[];
  readonly log: Logger;
  /** Milliseconds between two rooms or pictures, and from a look at which something changed to the next. */
  readonly pace?: number;
  readonly every?: number;
}

type Content = Readonly<Record<string, unknown>>;

/** @see https://github.com/matrix-org/matrix-spec-proposals/pull/2545 */
const packType = 'im.ponies.room_emotes';
/** So many bytes of a pack leave room for the rest of the event, which holds 64 KiB. */
const mostBytes = 45_000;
/** So many emoji of a workspace are brought over without anybody having used them. */
const mostUnasked = 500;
const mostMissing = 5;
/** Where nothing changes it is looked less and less often, up to so many times. */
const mostPatient = 20;
/** Packs of a room; what doesn't fit in them is left out. */
const mostPacks = 8;

/**
 * Puts the workspace's own emoji whose pictures are on the homeserver into each of its rooms as image packs, from which
 * people's clients let them choose; and brings pictures over, those of emoji that nobody used yet, up to a number. Looks
 * from time to time for what changed: nobody waits for it, and several processes may do the same.
 */
export function keepEmojiPacks(options: PacksOptions): { readonly stop: () => Promise<void> } {
  const { pace = 500, every = 15_000 } = options;
  const stopped = new AbortController();
  /** What each room was given, as far as this process knows. */
  const given = new Map<PortalId, string>();

  /** @returns whether anything had changed. */
  async function look(): Promise<boolean> {
    let changed = false;
    for (const team of options.teams()) {
      if (!options.portals.all().some((portal) => takesPacks(portal, team.id))) continue;
      await bring(team.id);
      const packs = packsOf(team, await options.emoji.shown(team.id));
      const now = JSON.stringify(packs);
      for (const portal of options.portals.all()) {
        if (stopped.signal.aborted) return changed;
        const isNew = packs.length > 0 && !given.has(portal.id);
        if (!takesPacks(portal, team.id) || !(isNew || (given.get(portal.id) ?? now) !== now)) continue;
        changed = true;
        if (await give(options, portal.room, team.id, packs)) given.set(portal.id, now);
        await sleep(pace, undefined, { signal: stopped.signal });
      }
    }
    return changed;
  }

  /** In any order: several processes mostly bring different ones. */
  async function bring(team: TeamId): Promise<void> {
    const addresses = await options.emoji.unshown(team, mostUnasked);
    let missing = 0;
    for (const url of addresses.toSorted(() => Math.random() - 0.5)) {
      if ((await options.matrix.picture(url)) === undefined) missing += 1;
      if (missing === mostMissing) return; // the packs don't wait for what can't be had now
      await sleep(pace, undefined, { signal: stopped.signal });
    }
  }

  async function run(): Promise<void> {
    let wait = every;
    while (!stopped.signal.aborted) {
      try {
        await sleep(wait, undefined, { signal: stopped.signal, ref: false });
        wait = (await look()) ? every : Math.min(wait * 2, every * mostPatient);
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (!(error instanceof TryLater)) options.log.warn('rooms could not be given their emoji', { error });
      }
    }
  }

  const running = run();
  return {
    stop: () => {
      stopped.abort();
      return running;
    },
  };
}

/** People can use them where what they write goes to Slack. */
function takesPacks({ status, channels, policy }: Portal, team: TeamId): boolean {
  return status === 'live' && policy.direction !== 'to-matrix' && channels[0].team === team;
}

/** The contents of as many packs as it takes. */
function packsOf(team: SlackTeam, emoji: Awaited<ReturnType<EmojiPictures['shown']>>): readonly Content[] {
  const packs: Record<string, { readonly url: string }>[] = [];
  let room = 0;
  for (const { name, picture } of emoji) {
    const bytes = Buffer.byteLength(name) * 2 + Buffer.byteLength(picture) + 20;
    if (bytes > room) {
      if (packs.length === mostPacks) break;
      packs.push({});
      room = mostBytes;
    }
    Object.assign(packs.at(-1) ?? {}, { [name]: { url: picture } });
    room -= bytes;
  }
  return packs.map((images, index) => ({
    images,
    pack: {
      display_name: `${team.name} (Slack${index === 0 ? '' : `, ${index + 1}`})`,
      usage: ['emoticon'],
    },
  }));
}

/** Whether that is done for now: in a room where the bot may not, too. */
async function give(
  { matrix, log }: PacksOptions,
  room: RoomId,
  team: TeamId,
  packs: readonly Content[],
): Promise<boolean> {
  try {
    for (let index = 0; index < mostPacks; index += 1) {
      const stateKey = `slack.${team}${index === 0 ? '' : `.${index + 1}`}`;
      const before = await matrix.state(room, packType, stateKey);
      const wanted = packs[index];
      if (!wanted && (before === undefined || isDeepStrictEqual(before, {}))) return true;
      if (!isDeepStrictEqual(before, wanted ?? {}))
        await matrix.setState(room, packType, stateKey, wanted ?? {});
    }
    return true;
  } catch (error) {
    if (error instanceof TryLater) return false;
    if (!(error instanceof CannotBridge)) throw error;
    log.debug('a room takes no emoji', { room, reason: error.reason });
    return true;
  }
}
