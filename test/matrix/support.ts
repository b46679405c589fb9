import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../src/log.ts';
import type { SlackProfile } from '../../src/events.ts';
import { slackUserId, teamId } from '../../src/ids.ts';
import type { FetchPicture, GhostRecord, GhostStore, PictureStore } from '../../src/matrix/ports.ts';
import { readRegistration } from '../../src/matrix/registration.ts';
import type { Registration } from '../../src/matrix/registration.ts';
import { startMatrix } from '../../src/matrix/start-matrix.ts';
import type { MatrixOptions } from '../../src/matrix/matrix-options.ts';
import type { MatrixAdapter } from '../../src/matrix/start-matrix.ts';
import { readNameTemplate } from '../../src/name-template.ts';
import type { NameTemplate } from '../../src/name-template.ts';
import type { Delivery, IntakePort } from '../../src/queue/ports.ts';
import type { Slot } from '../support/slots.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what is written. */
export function recordingLog(lines: LogLine[] = []): Logger & { readonly lines: readonly LogLine[] } {
  const at =
    (level: string) =>
    (message: string, fields = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => recordingLog(lines),
  };
}

/** An intake that keeps what it is given; with `down` it takes nothing. */
export function recordingIntake() {
  const deliveries: Delivery[] = [];
  const intake = {
    down: false,
    refused: 0,
    deliveries,
    events: () =>
      deliveries.map(({ payload }) => JSON.parse(payload.toString()) as Readonly<Record<string, unknown>>),
    async store(given: readonly Delivery[]): Promise<void> {
      if (intake.down) {
        intake.refused += 1;
        throw new Error('the database is down');
      }
      deliveries.push(...given);
    },
  };
  return intake satisfies IntakePort;
}

/** Ghosts in memory, as JSON like a database would hold them. */
export function memoryGhosts(): GhostStore & { readonly row: (localpart: string) => GhostRecord } {
  const rows = new Map<string, string>();
  return {
    row: (localpart) => JSON.parse(rows.get(localpart) ?? '{}') as GhostRecord,
    async get(localpart) {
      const row = rows.get(localpart);
      return row === undefined ? undefined : (JSON.parse(row) as GhostRecord);
    },
    async save(ghost) {
      rows.set(ghost.localpart, JSON.stringify(ghost));
    },
  };
}

/** Pictures that were brought over, by their addresses. */
export function memoryPictures(): PictureStore {
  const rows: Parameters<PictureStore['save']>[0][] = [];
  return {
    byUrl: async (url) => rows.find((row) => row.url === url)?.mxc,
    byBytes: async (sha256) => rows.find((row) => row.sha256 === sha256)?.mxc,
    urlsOf: async (mxc) => rows.filter((row) => row.mxc === mxc).map(({ url }) => url),
    save: async (picture) => {
      rows.push(picture);
      return picture.mxc;
    },
  };
}

export const team = teamId('T0TEST');

export function profile(id: string, name: string, picture?: string): SlackProfile {
  return {
    team,
    id: slackUserId(id),
    name,
    bot: false,
    deactivated: false,
    ...(picture !== undefined && { picture }),
  };
}

const noPicture: FetchPicture = () => Promise.reject(new Error('there are no pictures in this test'));

export interface AdapterOptions extends Partial<Omit<MatrixOptions, 'registration' | 'homeserver'>> {
  readonly homeserver: { readonly url: string; readonly serverName: string };
  readonly slot: Slot;
  /** What of the registration differs from the homeserver's copy. */
  readonly changed?: Partial<Registration>;
  readonly adminToken?: string;
  /** Another port than the homeserver knows. */
  readonly listenOn?: number;
}

/** The adapter on a place of the test homeserver; parts that aren't given are recorders. */
export async function adapterOn(options: AdapterOptions): Promise<MatrixAdapter> {
  const { slot, homeserver, changed, listenOn, adminToken, ...parts } = options;
  const expected = {
    domain: homeserver.serverName,
    bot: slot.botLocalpart,
    ghostPrefix: slot.ghostPrefix,
  };
  const content: unknown = JSON.parse(await readFile(slot.registration, 'utf8'));
  return startMatrix({
    appservice: {
      host: '127.0.0.1',
      port: listenOn ?? slot.port,
      ...expected,
      ghostTeam: false,
      ghostName: nameTemplate(),
      ghostFields: true,
    },
    rooms: {
      version: 'default',
      additionalCreators: [],
      historyVisibility: 'shared',
      federate: true,
      aliases: true,
    },
    bridgeId: 'the id of this test',
    ghostStore: memoryGhosts(),
    pictureStore: memoryPictures(),
    intake: recordingIntake(),
    fetchPicture: noPicture,
    log: recordingLog(),
    accountOf: () => undefined,
    ...parts,
    homeserver: {
      url: homeserver.url,
      domain: homeserver.serverName,
      ...(adminToken !== undefined && { adminToken }),
    },
    registration: { ...readRegistration(content, expected), ...changed },
  });
}

/** How ghosts are called unless somebody chooses otherwise. */
export function nameTemplate(text = '{name}[ ({org})][ ({deactivated})]'): NameTemplate {
  const template = readNameTemplate(text);
  if (typeof template === 'string') throw new Error(template);
  return template;
}

/** Waits until `look` finds something; fails after 20 s. */
export async function eventually<T>(look: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`not within 20 s: ${look.toString()}`);
}
