import { createCommands } from './admin/matrix-commands.ts';
import { isCommand } from './admin/parse.ts';
import type { AdminContext } from './admin/ports.ts';
import { channelReaders } from './bridge/channel-readers.ts';
import { adminContext } from './bridge/commands.ts';
import { createChatHolds } from './bridge/chat-holds.ts';
import { openDatabase } from './bridge/database.ts';
import type { Database } from './bridge/database.ts';
import { keepEmojiPacks } from './bridge/emoji-packs.ts';
import { createPeek } from './bridge/encrypted-items.ts';
import type { PeekMatrix } from './bridge/encrypted-items.ts';
import { createFileKeys } from './bridge/file-keys.ts';
import { createHandlers } from './bridge/handlers.ts';
import { contextOf } from './bridge/context.ts';
import { createHealth } from './bridge/health.ts';
import { deriveKeys } from './bridge/keys.ts';
import { watchHeldGrants } from './bridge/held-grants.ts';
import { openHistories } from './bridge/histories.ts';
import { watchInstallations } from './bridge/installed-teams.ts';
import { loginParts } from './bridge/login-parts.ts';
import type { LoginParts } from './bridge/login-parts.ts';
import { createMeters } from './bridge/meters.ts';
import type { Meters } from './bridge/meters.ts';
import { finishLinks } from './bridge/open-links.ts';
import { watchReactionNotes } from './bridge/reaction-note-watch.ts';
import { createReadMarks } from './bridge/read-marks.ts';
import { watchPeople } from './bridge/watch-people.ts';
import { createRecovery } from './bridge/recovery.ts';
import type { Recovery } from './bridge/recovery.ts';
import { loadPuppetsRegistration, loadRegistration } from './bridge/registration-file.ts';
import { watchRetriedLetters } from './bridge/retried-letters.ts';
import { roomCrypto } from './bridge/room-crypto.ts';
import { fileLimits, matrixSettings, slackSettings } from './bridge/settings.ts';
import { createMessageShortcuts } from './bridge/message-shortcuts.ts';
import { createSlackAskers, createSlackCommand } from './bridge/slack-command.ts';
import { watchLogins } from './bridge/login-watch.ts';
import { watchTeams } from './bridge/team-watch.ts';
import { createTransfers } from './bridge/transfers.ts';
import type { Transfers } from './bridge/transfers.ts';
import { watchWaiting } from './bridge/waiting-watch.ts';
import { watchEncrypted } from './bridge/watch-encrypted.ts';
import { startWeb } from './bridge/web.ts';
import type { Config } from './config.ts';
import type { RootLogger } from './log.ts';
import { startMatrix } from './matrix/start-matrix.ts';
import type { MatrixAdapter } from './matrix/start-matrix.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import type { PortalContext } from './portal/context.ts';
import { createLinking } from './portal/link.ts';
import type { Linking } from './portal/link.ts';
import { createPortals } from './portal/portal.ts';
import type { Portals } from './portal/portal.ts';
import type { Change } from './portal/ports.ts';
import type { WorkerOptions } from './queue/options.ts';
import { startWorker } from './queue/worker.ts';
import type { Worker } from './queue/worker.ts';
import { startSlack } from './slack/start.ts';
import type { SlackAdapter } from './slack/start.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/open-store.ts';
import { createPictureLinks } from './web/picture-links.ts';
import type { PictureLinks } from './web/picture-links.ts';

/** A bridge at work. */
export interface RunningBridge {
  /**
   * Stops in good order: takes no more events, ends what is being done, lets go of the lanes, closes everything. What
   * isn't done by then is done after the next start.
   */
  stop(): Promise<void>;
}

/** What was started, each with its end; ended in reverse order. */
type Ends = (() => Promise<void> | void)[];

/** How long items that are being handled may take at a stop, in milliseconds. */
const drainFor = 7_000;

/**
 * Builds every part from the configuration, connects them and starts: the one place that knows them all.
 *
 * @throws CannotStart with one line that says what is wrong and what to do; what was started by then is ended.
 */
export async function startBridge(config: Config, log: RootLogger): Promise<RunningBridge> {
  const ends: Ends = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await endOf(end, log);
  };
  try {
    await start(config, log, ends);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function start(config: Config, log: RootLogger, ends: Ends): Promise<void> {
  const metrics = createMetrics();
  const meters = createMeters(metrics);
  const { store, keys, pictures } = await openStorage(config, log, meters, ends);
  const recovery = createRecovery();
  const { slack, matrix } = await connectNetworks(config, log, { store, meters, recovery, ends });
  const retried = watchRetriedLetters({
    letters: store.deadLetters,
    matrix: matrix.port,
    log: log.child({ part: 'portals' }),
  });
  ends.push(() => retried.stop());
  const clock = { now: () => Date.now(), sleep };
  const files = openTransfers(config, log, { store, slack, matrix, meters, clock });
  const context = contextOf(config, log, {
    keys,
    pictures,
    retried,
    files,
    store,
    slack,
    matrix,
    meters,
    clock,
  });
  const linking = createLinking(context);
  const logins = loginParts(config, log, { store, slack, matrix });
  const held = watchHeldGrants(logins);
  ends.push(() => held.stop());
  const peekMatrix = createPeek({ encryption: matrix.encryption, log: context.log });
  const admin = adminContext(context, {
    linking,
    store,
    slack,
    matrix,
    retried,
    logins,
    peekMatrix,
    config,
  });
  answerSlack(config, { admin, slack, store });
  const portals = createPortals(context, createCommands(admin));
  await listen(config, log, {
    context,
    store,
    slack,
    matrix,
    files,
    portals,
    linking,
    logins,
    peekMatrix,
    pictures,
    metrics,
    meters,
    recovery,
    ends,
  });
}

/** What people do in Slack besides writing. */
function answerSlack(
  config: Config,
  { admin, slack, store }: Pick<Parts, 'slack' | 'store'> & { readonly admin: AdminContext },
): void {
  const askerOf = createSlackAskers(config, { admin, puppets: store.puppets, slack });
  slack.answerMatrix(createSlackCommand(admin, askerOf));
  const { links, deadLetters: letters } = store;
  slack.answerShortcuts(createMessageShortcuts({ admin, askerOf, links, letters }));
}

function openTransfers(
  config: Config,
  log: RootLogger,
  parts: Pick<Parts, 'store' | 'slack' | 'matrix' | 'meters'> & { readonly clock: PortalContext['clock'] },
): Transfers {
  return createTransfers({
    store: parts.store.media,
    slack: parts.slack,
    matrix: parts.matrix.files,
    keys: createFileKeys(() => parts.store.crypto.state.storeKey()),
    limits: fileLimits(config),
    largestOf: (portal) => parts.store.portals.byId(portal)?.policy.largestFile ?? 0,
    folder: config.data_dir,
    clock: parts.clock,
    log: log.child({ part: 'files' }),
    metrics: parts.meters.transfers,
  });
}

interface Storage {
  readonly store: Store;
  readonly keys: ReturnType<typeof deriveKeys>;
  readonly pictures: PictureLinks | undefined;
}

async function openStorage(config: Config, log: RootLogger, meters: Meters, ends: Ends): Promise<Storage> {
  const database: Database = await openDatabase(config, log, () => {
    throw new Error('The embedded PostgreSQL ended by itself'); // ends the process: nothing can be stored any more
  });
  ends.push(() => database.stop());
  const store = await openStore({
    connection: database.connection,
    key: {
      file: config.secrets.key_file,
      ...(config.secrets.key !== undefined && { value: config.secrets.key }),
    },
    log: log.child({ part: 'store' }),
    metrics: meters.intake,
  });
  ends.push(() => store.close());
  const keys = deriveKeys(store.bridgeId);
  const { public_url: publicUrl } = config.web;
  if (publicUrl === undefined)
    log.info('web.public_url is not set: Slack shows relayed people without their pictures');
  const pictures = publicUrl === undefined ? undefined : createPictureLinks(publicUrl, keys.pictures);
  return { store, keys, pictures };
}

/** Connects to both sides. Nothing comes in yet. */
async function connectNetworks(
  config: Config,
  log: RootLogger,
  { store, meters, recovery, ends }: Pick<Parts, 'store' | 'meters' | 'recovery' | 'ends'>,
): Promise<{ readonly slack: SlackAdapter; readonly matrix: MatrixAdapter }> {
  const registration = await loadRegistration(config);
  log.hide(registration.asToken);
  log.hide(registration.hsToken);
  const puppetsRegistration = await loadPuppetsRegistration(config);
  if (puppetsRegistration) log.hide(puppetsRegistration.asToken);
  else log.info('there is no second registration: what linked people write in Slack appears under ghosts');
  const slack = await startSlack({
    settings: slackSettings(config),
    intake: store.intake,
    knownTeams: store.knownTeams,
    emojiStore: store.emoji,
    knownPeople: store.ghosts,
    puppets: store.puppets,
    installations: store.installations,
    firstTime: store.firstTime,
    readers: channelReaders(store, log.child({ part: 'slack' })),
    log: log.child({ part: 'slack' }),
    metrics: meters.slack,
  });
  const marks = createReadMarks({
    ...store,
    places: store.readPlaces,
    slack,
    event: (room, event) => matrix.shownRoom.event(room, event),
    log: log.child({ part: 'portals' }),
  });
  ends.push(() => marks.stop());
  const matrix = await startMatrix({
    ...matrixSettings(config),
    registration,
    ...(puppetsRegistration && { puppetsRegistration }),
    accountOf: (team, author) => {
      const puppet = store.puppets.ownerOf(team, author);
      return puppet?.double === true ? puppet.matrixUser : undefined;
    },
    ...(config.encryption.enabled && { crypto: (adapter) => roomCrypto(store, log, adapter) }),
    bridgeId: store.bridgeId,
    ghostStore: store.ghosts,
    pictureStore: store.pictures,
    intake: store.intake,
    fetchPicture: (url) => slack.picture(url),
    isCommand,
    log: log.child({ part: 'matrix' }),
    metrics: meters.matrix,
    onRecovered: recovery.homeserverIsBack,
    onGap: recovery.eventsMayBeMissing,
    onActivity: recovery.roomIsActive,
    onRead: (receipts) => marks.heard(receipts),
  });
  ends.push(() => matrix.stop());
  return { slack, matrix };
}

interface Parts {
  readonly context: PortalContext;
  readonly store: Store;
  readonly slack: SlackAdapter;
  readonly matrix: MatrixAdapter;
  readonly files: Transfers;
  readonly portals: Portals;
  readonly linking: Linking;
  readonly logins: LoginParts;
  readonly peekMatrix: PeekMatrix;
  readonly pictures: PictureLinks | undefined;
  readonly metrics: Metrics;
  readonly meters: Meters;
  readonly recovery: Recovery;
  readonly ends: Ends;
}

/** The worker first, then both networks: an event that comes finds somebody to handle it. */
async function listen(config: Config, log: RootLogger, parts: Parts): Promise<void> {
  const { store, slack, matrix, linking, recovery, ends } = parts;
  const health = createHealth({ database: () => store.health(), matrix, slack });
  ends.push(await startWeb(config, log, { ...parts, health }));
  await store.media.wake();
  const histories = await openHistories(config, log.child({ part: 'catch-up' }), parts);
  const chats = createChatHolds(store);
  ends.push(() => chats.stop());
  const worker = work(log, parts, (item) => histories.holdBack(item) ?? chats.holdBack(item));
  recovery.whenHomeserverIsBack(() => worker.tryNow('matrix'));
  // Side by side: who waits for an answer of a network that is away doesn't cost the others their time.
  ends.push(async () => {
    await Promise.all([slack.stop(), matrix.deafen(), worker.drain(drainFor)]);
  });
  ends.push(() => histories.stop());
  ends.push(() => parts.files.stop()); // before the drain: nobody waits for what won't come
  await matrix.listen();
  await slack.listen();
  histories.begin();
  const links = finishLinks(linking, log);
  ends.push(() => links.stop());
  store.portals.whenLive((portal) => worker.available(`portal:${portal}`));
  watch(config, log, parts, worker);
}

function work(log: RootLogger, parts: Parts, holdBack: WorkerOptions<Change>['holdBack']): Worker {
  const { context, store, slack, matrix, portals, peekMatrix, meters, ends } = parts;
  const encrypted = watchEncrypted({ matrix, portals, store, log: context.log });
  ends.push(() => encrypted.stop());
  const written = (): void => parts.files.written();
  return startWorker({
    inbox: store.inbox,
    ...createHandlers({ slack, portals, store, encrypted, peekMatrix, log, written }),
    ...(holdBack && { holdBack }),
    log: log.child({ part: 'queue' }),
    metrics: meters.queue,
  });
}

/** What is looked at from time to time. */
function watch(config: Config, log: RootLogger, parts: Parts, worker: Worker): void {
  const { context, store, slack, matrix, portals, peekMatrix, ends } = parts;
  const teams = watchTeams({ slack, portals, available: (target) => worker.available(target), log });
  ends.push(() => teams.stop());
  const logins = watchLogins({ puppets: store.puppets, portals, log });
  ends.push(() => logins.stop());
  const installations = watchInstallations({ ...store, installing: slack.installing, log });
  ends.push(() => installations.stop());
  const packs = keepEmojiPacks({
    emoji: store.emojiPictures,
    portals: store.portals,
    matrix: matrix.port,
    teams: () => slack.teams(),
    log,
  });
  ends.push(() => packs.stop());
  const rows = store.waiting;
  const waiting = watchWaiting({ context, worker, rows, slack, peekMatrix, log: context.log });
  ends.push(() => waiting.stop());
  const people = watchPeople(config, { ...parts, log: context.log });
  ends.push(() => people.stop());
  const notes = watchReactionNotes({ context, notes: store.reactionNotes, log: context.log });
  ends.push(() => notes.stop());
}

/** What one part can't end keeps no other from it. */
async function endOf(end: () => Promise<void> | void, log: RootLogger): Promise<void> {
  try {
    await end();
  } catch (error) {
    log.error('a part of the bridge could not be ended', { error });
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
