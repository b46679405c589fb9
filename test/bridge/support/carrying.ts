import { tmpdir } from 'node:os';
import type { SlackFile } from '../../../src/events.ts';
import { Readable } from 'node:stream';
import { createFileKeys } from '../../../src/bridge/file-keys.ts';
import { createTransfers } from '../../../src/bridge/transfers.ts';
import type { Transfers, TransfersOptions } from '../../../src/bridge/transfers.ts';
import { fileId, mxcUri, portalId, teamId } from '../../../src/ids.ts';
import { createAttachments } from '../../../src/matrix/attachments.ts';
import type { MediaFiles } from '../../../src/matrix/media-files.ts';
import type { CarriedFile, FileState, MediaStore } from '../../../src/portal/media-ports.ts';
import { log } from '../../store/test-store.ts';

export const where = { team: teamId('T1'), portal: portalId(7), by: 'UBOB' };
export const bytes = Buffer.from('the bytes of a file');
export const slackFile: SlackFile = {
  id: fileId('F1'),
  nature: 'file',
  name: 'notes.txt',
  size: bytes.length,
  mimetype: 'text/plain',
  url: 'https://files.slack.com/f1',
};
export const matrixFile = {
  kind: 'file',
  name: 'notes.txt',
  url: mxcUri('mxc://hs/theirs'),
  size: bytes.length,
} as const;

/** Called around each step: it may throw, as if the process were killed there. */
export type Step = (name: string) => void;

/** Both networks and the database, as they outlive processes. */
export class Surroundings {
  readonly rows = new Map<string, FileState>();
  /** What is on the homeserver: `undefined` while an address has no bytes yet. */
  readonly media = new Map<string, Buffer | undefined>();
  readonly staged: Buffer[] = [];
  /** What a homeserver without addresses before the upload, or with a limit, says. */
  reserves = true;
  most: number | undefined = undefined;
  largestOfRoom = 0;
  limits = { largest: Infinity, portalPerDay: Infinity, personPerDay: Infinity };
  /** What the next openings fail with, or what they give instead. */
  readonly next: (Error | Readable)[] = [];
  readonly counted: string[] = [];
  readonly deleted: string[] = [];
  slept = 0;
  step: Step = () => undefined;

  /** A process on them. */
  start(): Transfers {
    return createTransfers({
      store: stepping(this.store(), () => this.step),
      slack: stepping(this.slack(), () => this.step),
      keys: createFileKeys(() => Promise.resolve(Buffer.alloc(32, 7))),
      matrix: stepping(this.matrix(), () => this.step),
      limits: this.limits,
      largestOf: () => this.largestOfRoom,
      folder: tmpdir(),
      clock: {
        now: () => 1000 + this.slept,
        sleep: async (milliseconds) => void (this.slept += milliseconds),
      },
      log,
      metrics: {
        transfer: (direction, outcome, size) => this.counted.push(`${direction} ${outcome} ${size}`),
      },
    });
  }

  private store(): MediaStore {
    const { rows } = this;
    return {
      async begin({ key }: CarriedFile) {
        const state = rows.get(key) ?? { state: 'begun' };
        rows.set(key, state);
        return state;
      },
      async aim(key, target) {
        const state = rows.get(key);
        const known = state?.state === 'begun' ? (state.target ?? target) : target;
        rows.set(key, { state: 'begun', target: known });
        return known;
      },
      miss: async (key) => void rows.set(key, { state: 'begun' }),
      async arrived(key, file) {
        if (!rows.has(key)) return false;
        rows.set(key, { state: 'arrived', ...file });
        return true;
      },
      failed: async (key, reason, message) => void rows.set(key, { state: 'failed', reason, message }),
      used: async () => ({ portal: 0, sender: 0 }),
      freeAt: async () => undefined,
      wake: async () => undefined,
      pass: async () => undefined,
      wasPassed: async () => false,
      isShownTwice: async () => false,
      targets: async (portal, source) =>
        keysOf(rows, portal, source).flatMap((key) => targetOf(rows.get(key))),
      async forgetTarget(_portal, target) {
        for (const [key, state] of rows) if ('target' in state && state.target === target) rows.delete(key);
      },
      async bringAnew(_portal, target) {
        for (const [key, state] of rows)
          if ('target' in state && state.target === target) rows.set(key, { state: 'begun' });
      },
      async forget(portal, source) {
        const keys = keysOf(rows, portal, source);
        const targets = keys.flatMap((key) => targetOf(rows.get(key)));
        for (const key of keys) rows.delete(key);
        return targets;
      },
    };
  }

  private slack(): TransfersOptions['slack'] {
    return {
      openFile: async () => {
        const next = this.next.shift();
        if (next instanceof Error) throw next;
        return { mimetype: 'text/plain', length: bytes.length, stream: next ?? Readable.from([bytes]) };
      },
      stage: async (_team, { body }) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk);
        this.staged.push(Buffer.concat(chunks));
        return fileId(`FSTAGED${this.staged.length}`);
      },
    };
  }

  private matrix(): MediaFiles {
    const { media } = this;
    let made = media.size;
    const address = () => mxcUri(`mxc://hs/${(made += 1)}`);
    return {
      limit: async () => this.most,
      reserve: async () => {
        if (!this.reserves) return undefined;
        const mxc = address();
        media.set(mxc, undefined);
        return mxc;
      },
      async uploaded(mxc) {
        const there = media.get(mxc);
        if (there) return { size: there.length, mimetype: 'text/plain' };
        return media.has(mxc) ? undefined : 'gone';
      },
      async upload({ stream }, reserved = address()) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
        if (media.get(reserved)) return 'taken';
        media.set(reserved, Buffer.concat(chunks));
        return reserved;
      },
      open: createAttachments({
        download: async () => {
          const next = this.next.shift();
          if (next instanceof Error) throw next;
          return { stream: next ?? Readable.from([bytes]), mimetype: 'text/plain', length: bytes.length };
        },
      }),
      remove: async (mxc) => {
        media.delete(mxc);
        this.deleted.push(mxc);
      },
    };
  }

  /** How many copies of bytes there are on the homeserver. */
  copies(): number {
    return [...this.media.values()].filter(Boolean).length;
  }
}

function targetOf(state: FileState | undefined): readonly string[] {
  return state && 'target' in state && state.target !== undefined ? [state.target] : [];
}

function keysOf(rows: ReadonlyMap<string, FileState>, portal: number, source: string): readonly string[] {
  return [...rows.keys()].filter((key) => key.startsWith(`media:${portal}:`) && key.endsWith(`:${source}`));
}

type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** The same, with a step before and after each call. */
function stepping<Sides extends object>(sides: Sides, step: () => Step): Sides {
  const methods = Object.entries(sides as unknown as Methods).map(([name, method]) => {
    const stepped = async (...args: never[]): Promise<unknown> => {
      step()(`before ${name}`);
      const result = await method(...args);
      step()(`after ${name}`);
      return result;
    };
    return [name, stepped];
  });
  return Object.fromEntries(methods) as Sides;
}
