import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import type { PortalId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { GhostStore, PictureStore } from '../matrix/ports.ts';
import type { CatchUpStore } from '../portal/catch-up-ports.ts';
import type { MediaStore } from '../portal/media-ports.ts';
import type { ReactionNoteStore } from '../portal/reaction-note-ports.ts';
import type { AccountChoices, Change, ChatStore, LinkStore, ShownStore } from '../portal/ports.ts';
import type { Inbox, IntakeMetrics, IntakePort } from '../queue/ports.ts';
import type { EmojiStore, KnownPeople, KnownTeams, Installations } from '../slack/ports.ts';
import { createAccountChoices } from './account-choices.ts';
import type { AuditDesk } from '../admin/audit-ports.ts';
import { createAudit } from './audit.ts';
import { createCatchUpState } from './catch-up-state.ts';
import { createChats } from './chats.ts';
import { cleanUp } from './clean-up.ts';
import { createCryptoStore } from './crypto/open-crypto.ts';
import type { CryptoStore, OpenCryptoStore } from './crypto/open-crypto.ts';
import { createCursors } from './cursors.ts';
import type { Cursors } from './cursors.ts';
import type { DatabaseConnection, StatementCount } from './db.ts';
import { createDeadLetters } from './dead-letters.ts';
import type { DeadLetters } from './dead-letters.ts';
import { readDepth } from './depth.ts';
import type { Depth } from './depth.ts';
import { createEmoji, createEmojiPictures } from './emoji.ts';
import type { EmojiPictures } from './emoji.ts';
import { openGeneration } from './generation.ts';
import { createGhosts } from './ghosts.ts';
import { loadIdentity } from './identity.ts';
import { openInbox } from './inbox.ts';
import { createIntake } from './intake.ts';
import type { KeySource } from './key.ts';
import { createKnownTeams } from './known-teams.ts';
import { createKeyWaits } from './key-waits.ts';
import type { KeyWaits } from './key-waits.ts';
import { createLinks } from './links.ts';
import { createInstallations, installationsNotification } from './installations.ts';
import type { StoredInstallations } from './installations.ts';
import { startListener } from './listener.ts';
import type { Listener } from './listener.ts';
import { createLogins } from './logins.ts';
import type { Logins } from './logins.ts';
import { createMatches } from './matches.ts';
import type { Matches } from './matches.ts';
import { createMedia } from './media.ts';
import { migrate } from './migrate.ts';
import { createPictures } from './pictures.ts';
import { loadPortals, portalsNotification } from './portals.ts';
import type { Portals } from './portals.ts';
import { loadPuppets, puppetsNotification } from './puppets.ts';
import type { Puppets } from './puppets.ts';
import { createReactionNotes } from './reaction-notes.ts';
import { createReadPlaces } from './read-places.ts';
import type { ReadPlaces } from './read-places.ts';
import { createReader } from './reader.ts';
import { loadReaders, readersNotification } from './readers.ts';
import type { Readers } from './readers.ts';
import type { Reader } from './reader.ts';
import { createRestored } from './restored.ts';
import type { Restored } from './restored.ts';
import { createWaiting } from './waiting.ts';
import type { WaitingRows } from './waiting.ts';
import { createFirstTime } from './seen.ts';
import type { FirstTime } from './seen.ts';
import { createSecrets } from './secrets.ts';
import type { Secrets } from './secrets.ts';
import { createShown } from './shown.ts';

export interface StoreOptions {
  readonly connection: DatabaseConnection;
  readonly key: KeySource;
  readonly log: Logger;
  readonly metrics: IntakeMetrics;
}

/** All that the bridge keeps. */
export interface Store {
  /** Random, made with the database: operation keys and transaction ids derive from it. */
  readonly bridgeId: string;
  readonly portals: Portals;
  readonly puppets: Puppets;
  readonly links: LinkStore;
  readonly intake: IntakePort;
  readonly inbox: Inbox<Change>;
  readonly ghosts: GhostStore & KnownPeople;
  readonly pictures: PictureStore;
  readonly knownTeams: KnownTeams;
  readonly emoji: EmojiStore;
  readonly emojiPictures: EmojiPictures;
  readonly logins: Logins;
  readonly installations: Installations;
  readonly secrets: Secrets;
  readonly matches: Matches;
  readonly audit: AuditDesk;
  readonly firstTime: FirstTime;
  readonly accounts: AccountChoices;
  readonly readPlaces: ReadPlaces;
  readonly deadLetters: DeadLetters;
  readonly keyWaits: KeyWaits;
  readonly shown: ShownStore;
  readonly chats: ChatStore;
  readonly readers: Readers;
  readonly cursors: Cursors;
  readonly restored: Restored;
  readonly catchUp: CatchUpStore;
  readonly waiting: WaitingRows;
  readonly reactionNotes: ReactionNoteStore;
  readonly media: MediaStore;
  readonly crypto: CryptoStore;
  /** Of one portal, or of the whole bridge. */
  depth(portal?: PortalId): Promise<Depth>;
  /** Whether events can be stored now. */
  health(): { readonly ok: boolean };
  /** Statements sent since the start, those of transactions included. */
  statements(): number;
  /** After what waits is committed. The worker has to be stopped before. */
  close(): Promise<void>;
}

/** The channel of PostgreSQL's notifications about lanes with work. */
const inboxNotification = 'inbox';

const refreshInterval = 5000;
const cleanUpInterval = 600_000;

/**
 * Migrates, checks the key and connects.
 *
 * @throws CannotStart with one line that says what to do.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { connection, log, metrics } = options;
  const { bridgeId, sealing, generation } = await identify(options);
  const count: StatementCount = { statements: 0 };
  const reader = createReader(connection, log, count);
  const portals = await loadPortals(reader);
  const secrets = createSecrets(reader, sealing);
  const puppets = await loadPuppets(reader, secrets);
  const readers = await loadReaders(reader);
  const links = createLinks(reader);
  const hint = createHint(reader, log);
  const owner = randomUUID();
  const check = (client: pg.ClientBase): Promise<void> => generation.check(client);
  const { inbox, writer, events } = await openInbox({
    connection,
    log,
    count,
    links,
    sealing,
    owner,
    hint,
    check,
  });
  generation.beat(reader);
  const crypto = createCryptoStore({ connection, log, reader, secrets, sealing, owner, check });
  const tell = (lane: string): void => {
    events.hinted(lane);
    hint([lane]);
  };
  const installations = createInstallations(reader, secrets);
  const shared = { portals, puppets, readers, installations };
  const listener = listenToOthers(options, { ...shared, crypto, hinted: (lane) => events.hinted(lane) });
  const chores = startChores(shared, reader, log);
  return {
    bridgeId,
    ...shared,
    secrets,
    links: links.store,
    intake: createIntake({ writer, portals, sealing, metrics }),
    inbox,
    ...lookUps(reader),
    deadLetters: createDeadLetters({ reader, sealing, log, hint: tell, forget: (key) => links.forget(key) }),
    keyWaits: createKeyWaits(reader, tell),
    waiting: createWaiting(reader, sealing),
    restored: createRestored(reader, (key) => links.forget(key)),
    crypto,
    health: () => ({ ok: writer.connected() }),
    statements: () => count.statements,
    close: once(async () => {
      generation.stop();
      await crypto.close();
      await chores.stop();
      await listener.close();
      await writer.close();
      await reader.close();
    }),
  };
}

/** What other processes tell. */
function listenToOthers(
  { connection, log }: StoreOptions,
  {
    portals,
    puppets,
    readers,
    installations,
    crypto,
    hinted,
  }: Shared & { readonly crypto: OpenCryptoStore; readonly hinted: (lane: string) => void },
): Listener {
  return startListener({
    connection,
    log,
    channels: {
      [inboxNotification]: hinted,
      [installationsNotification]: () => installations.heard(),
      // read again within 5 s
      [portalsNotification]: () => void portals.refresh().catch(() => undefined),
      [puppetsNotification]: () => void puppets.refresh().catch(() => undefined),
      [readersNotification]: () => void readers.refresh().catch(() => undefined),
      ...crypto.hears.channels,
    },
    listening: crypto.hears.listening,
  });
}

/** Other processes change it. */
type Shared = Pick<Store, 'portals' | 'puppets' | 'readers'> & {
  readonly installations: StoredInstallations;
};

/** What stands alone. */
function lookUps(reader: Reader) {
  return {
    ghosts: createGhosts(reader),
    pictures: createPictures(reader),
    knownTeams: createKnownTeams(reader),
    emoji: createEmoji(reader),
    emojiPictures: createEmojiPictures(reader),
    logins: createLogins(reader),
    matches: createMatches(reader),
    audit: createAudit(reader),
    shown: createShown(reader),
    accounts: createAccountChoices(reader),
    readPlaces: createReadPlaces(reader),
    chats: createChats(reader),
    cursors: createCursors(reader),
    catchUp: createCatchUpState(reader),
    reactionNotes: createReactionNotes(reader),
    media: createMedia(reader),
    firstTime: createFirstTime(reader),
    depth: (portal?: PortalId) => readDepth(reader, portal),
  };
}

/** Whose database this is, and whether it is as it was left. */
async function identify({ connection, key, log }: StoreOptions) {
  await migrate(connection);
  const identity = await loadIdentity(connection, key);
  const { bridgeId } = identity;
  const file = join(dirname(key.file), 'generation.json');
  return { ...identity, generation: await openGeneration({ connection, bridgeId, file, log }) };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

/** Tells other processes of lanes with work; many at once are one statement. A lost hint is made up for by their poll. */
function createHint(reader: Reader, log: Logger): (lanes: readonly string[]) => void {
  const waiting = new Set<string>();
  const notify = {
    name: 'hint',
    text: 'select pg_notify($1, lane) from unnest($2::text[]) as hinted(lane)',
  };
  async function send(): Promise<void> {
    const lanes = [...waiting];
    waiting.clear();
    try {
      await reader.query(notify, [inboxNotification, lanes]);
    } catch (error) {
      log.debug('other processes could not be told of new work', { error });
    }
  }
  return (lanes) => {
    if (waiting.size === 0 && lanes.length > 0) setTimeout(() => void send(), 5);
    for (const lane of lanes) waiting.add(lane);
  };
}

interface Chores {
  stop(): Promise<void>;
}

/** What is done from time to time, one after the other. */
function startChores({ portals, puppets, readers }: Shared, reader: Reader, log: Logger): Chores {
  let running = Promise.resolve();
  const chore = (name: string, work: () => Promise<void>): (() => void) => {
    return () => {
      running = running.then(work).catch((error: unknown) => log.debug('a chore failed', { name, error }));
    };
  };
  const timers = [
    setInterval(
      chore('portals', () => portals.refresh()),
      refreshInterval,
    ),
    setInterval(
      chore('puppets', () => puppets.refresh()),
      refreshInterval,
    ),
    setInterval(
      chore('readers', () => readers.refresh()),
      refreshInterval,
    ),
    setInterval(
      chore('clean-up', () => cleanUp(reader)),
      cleanUpInterval,
    ),
  ];
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await running;
    },
  };
}
