import { failpoint } from '#failpoint';
import { CannotBridge, TryLater } from '../errors.ts';
import type { FileKey } from '../errors.ts';
import { fileId, mxcUri } from '../ids.ts';
import type { PortalId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { MediaFiles } from '../matrix/media-files.ts';
import type { Clock } from '../portal/context.ts';
import type { Arrived, CarriedFile, FileDirection, MediaStore } from '../portal/media-ports.ts';
import type { FilePlace, FilePort, SlackPort, Transfer } from '../portal/ports.ts';
import type { OpenSlackFile } from '../slack/downloads.ts';
import type { FileKeyRing } from './file-keys.ts';
import { mediaKey, sealedKey } from './media-key.ts';
import { createLimits, largestIn } from './quotas.ts';
import type { CheckLimits, FileLimits } from './quotas.ts';
import { bringToMatrix } from './transfer-to-matrix.ts';
import { bringToSlack } from './transfer-to-slack.ts';
import { createTransferPace } from './transfer-pace.ts';
import { createTransferPool } from './transfer-pool.ts';

export interface TransfersOptions {
  readonly store: MediaStore;
  readonly slack: Pick<SlackPort, 'stage'> & { readonly openFile: OpenSlackFile };
  readonly matrix: MediaFiles;
  readonly keys: FileKeyRing;
  readonly limits: FileLimits;
  /** The largest file that people of a portal's room want, in bytes; 0: any. */
  readonly largestOf: (portal: PortalId) => number;
  /** On a disk, for what has to be counted before it is sent. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: TransferMetrics;
}

interface Checked extends TransfersOptions {
  readonly checkLimits: CheckLimits;
}

export interface TransferMetrics {
  transfer(
    direction: FileDirection,
    outcome: 'arrived' | 'retried' | 'refused' | 'failed',
    bytes: number,
  ): void;
}

export interface Transfers extends FilePort {
  /** Something was written that isn't a file: for a moment files leave room for the like. */
  written(): void;
  /** How many move bytes now. */
  underWay(direction: FileDirection): number;
  /** Those under way end with `TryLater`, and none is begun any more. */
  stop(): void;
}

const places = { large: 4, small: 4 };
/** Bytes: what is no longer has places of its own. */
const small = 1024 * 1024;
const mostTries = 6;
/** Before the second try, in milliseconds; then twice as long each time. */
const firstPause = 1000;

/** One try to bring a file to where it goes, or to where an earlier try was about to bring it. */
type Try = (target: string | undefined) => Promise<Arrived>;

/**
 * Carries files between the networks, each once: what was brought is remembered, and where bytes will go is remembered
 * before they are sent. Few move at a time, and none is ever whole in memory.
 */
export function createTransfers(options: TransfersOptions): Transfers {
  const { store, matrix, keys } = options;
  const carrying = createCarrying(options);
  const pace = createTransferPace(options.clock);
  const sides = { ...options, ended: carrying.ended, pace };
  const within = ({ portal }: FilePlace) => ({
    ...sides,
    largest: largestIn(options.limits, options.largestOf(portal)),
  });
  return {
    toMatrix(where, file, kind) {
      const carried = carriedFile(where, file.id, kind, 'to_matrix', kind === 'file' ? file.size : undefined);
      const wanted = { where, key: carried.key, file, kind };
      return carrying.begin(
        carried,
        (target) => bringToMatrix(within(where), wanted, target),
        async ({ target, size, mimetype, sealed }) => {
          const cipher = sealed && (await keys.cipherOf(sealed));
          return { url: mxcUri(target), size, mimetype, ...(cipher && { cipher }) };
        },
      );
    },
    toSlack: (where, file, source) =>
      carrying.begin(
        carriedFile(where, source, 'file', 'to_slack', file.size),
        () => bringToSlack(within(where), where, file),
        ({ target }) => fileId(target),
      ),
    pass: (key) => store.pass(key),
    wasPassed: (key) => store.wasPassed(key),
    forgetInSlack: (portal, file) => store.forgetTarget(portal, file),
    lostInSlack: (portal, file) => store.bringAnew(portal, file),
    async removeFromMatrix(portal, file) {
      // the message that goes stands still: another one shows it, too
      if (await store.isShownTwice(portal, file)) return;
      const targets = await store.targets(portal, file);
      for (const target of targets) await matrix.remove(mxcUri(target));
      const forgotten = await store.forget(portal, file); // one that is on its way is deleted when it arrives
      for (const target of forgotten) if (!targets.includes(target)) await matrix.remove(mxcUri(target));
    },
    written: () => pace.written(),
    underWay: (direction) => carrying.underWay(direction),
    stop: () => carrying.stop(),
  };
}

interface Carrying extends Pick<Transfers, 'underWay' | 'stop'> {
  /** Joins the transfer of the same file, if one is under way. */
  begin<Result>(
    file: CarriedFile,
    once: Try,
    read: (arrived: Arrived) => Result | Promise<Result>,
  ): Transfer<Result>;
  readonly ended: AbortSignal;
}

function createCarrying(options: TransfersOptions): Carrying {
  const checked = { ...options, checkLimits: createLimits(options.store, options.limits, options.largestOf) };
  const pools = { to_matrix: createTransferPool(places), to_slack: createTransferPool(places) };
  const underWay = new Map<FileKey, UnderWay>();
  const ended = new AbortController();
  const end = Promise.withResolvers<never>();
  end.promise.catch(() => undefined);

  function carry(file: CarriedFile, once: Try): Promise<Arrived> {
    const { direction, portal } = file;
    const inPool = (target: string | undefined) =>
      pools[direction].run(portal, isSmall(file), async () => {
        if (ended.signal.aborted) throw stopping();
        return once(target);
      });
    return Promise.race([brought(checked, ended.signal, file, inPool), end.promise]);
  }

  return {
    begin(file, once, read) {
      const { key } = file;
      let transfer = underWay.get(key);
      if (!transfer) {
        const since = sinceWhen(file, underWay.values(), options.clock.now());
        const arrived = ended.signal.aborted ? end.promise : carry(file, once);
        transfer = { file, since, arrived: arrived.finally(() => underWay.delete(key)) };
        underWay.set(key, transfer);
      }
      const result = transfer.arrived.then(read);
      result.catch(() => undefined); // nobody may be waiting any more
      return { key, since: transfer.since, result };
    },
    underWay: (direction) => pools[direction].underWay(),
    ended: ended.signal,
    stop() {
      end.reject(stopping());
      ended.abort();
    },
  };
}

interface UnderWay {
  readonly file: CarriedFile;
  readonly since: number;
  readonly arrived: Promise<Arrived>;
}

/** Large files of one portal keep their places together: ten videos hold up what people write no longer than one. */
function sinceWhen(file: CarriedFile, others: Iterable<UnderWay>, now: number): number {
  if (isSmall(file)) return now;
  let since = now;
  for (const other of others) {
    const together = other.file.portal === file.portal && other.file.direction === file.direction;
    if (together && !isSmall(other.file)) since = Math.min(since, other.since);
  }
  return since;
}

function isSmall({ kind, size }: CarriedFile): boolean {
  return kind === 'thumbnail' || (size !== undefined && size <= small);
}

function carriedFile(
  { portal, by, encrypted }: FilePlace,
  source: string,
  kind: CarriedFile['kind'],
  direction: FileDirection,
  size: number | undefined,
): CarriedFile {
  const clear = mediaKey(portal, kind, source);
  const key = encrypted === true ? sealedKey(clear) : clear;
  return { key, portal, source, kind, direction, sender: by, ...(size !== undefined && { size }) };
}

/** The process ends: the item is as it was, and the next one goes on. */
function stopping(): TryLater {
  return new TryLater('the bridge stops', { after: 1000 });
}

/** Tries until it is there, or can't be. What is out of reach for everybody is left to the queue. */
async function brought(options: Checked, ended: AbortSignal, file: CarriedFile, once: Try): Promise<Arrived> {
  const { clock, metrics, log } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      return await broughtOnce(options, file, once);
    } catch (error) {
      if (error instanceof CannotBridge) return refused(options, file, error);
      if (!(error instanceof TryLater) || error.target !== undefined || ended.aborted) {
        metrics.transfer(file.direction, 'failed', 0);
        throw error;
      }
      if (tries === mostTries)
        return refused(options, file, new CannotBridge('file-unreachable', error.message, { cause: error }));
      metrics.transfer(file.direction, 'retried', 0);
      log.debug('a file is brought anew', { portal: file.portal, file: file.source, tries, error });
      await clock.sleep(Math.max(error.after ?? 0, firstPause * 2 ** (tries - 1)));
      if (ended.aborted) throw stopping();
    }
  }
}

async function broughtOnce(
  { store, matrix, checkLimits, metrics, log }: Checked,
  file: CarriedFile,
  once: Try,
): Promise<Arrived> {
  const state = await store.begin(file);
  if (state.state === 'arrived') return state;
  if (state.state === 'failed') throw new CannotBridge(state.reason, state.message);
  await checkLimits(file);
  failpoint('transfer', 'begun');
  const arrived = await once(state.target);
  failpoint('transfer', 'uploaded');
  if (!(await store.arrived(file.key, arrived))) {
    if (file.direction === 'to_matrix') await matrix.remove(mxcUri(arrived.target));
    throw new CannotBridge('file-removed', 'it was removed meanwhile');
  }
  failpoint('transfer', 'arrived');
  metrics.transfer(file.direction, 'arrived', arrived.size);
  log.debug('a file was brought', { portal: file.portal, file: file.source, size: arrived.size });
  return arrived;
}

/** Remembered: who waits for the file is told, whenever that is. */
async function refused(
  { store, metrics, log }: TransfersOptions,
  file: CarriedFile,
  error: CannotBridge,
): Promise<never> {
  const { direction, portal, source } = file;
  await store.failed(file.key, error.reason, error.message);
  metrics.transfer(direction, 'refused', 0);
  log.info('a file can’t be brought', { portal, file: source, direction, reason: error.reason });
  throw error;
}
