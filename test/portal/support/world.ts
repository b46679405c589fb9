import type { MatrixEvent, MatrixMessage, SlackEvent, SlackMessage } from '../../../src/events.ts';
import { textDoc } from '../../../src/format/doc.ts';
import {
  channelId,
  eventId,
  matrixUserId,
  portalId,
  roomId,
  slackUserId,
  teamId,
  ts,
} from '../../../src/ids.ts';
import type { Logger } from '../../../src/log.ts';
import type { Clock, CommandPort, PortalContext } from '../../../src/portal/context.ts';
import { createPauses } from '../../../src/portal/pauses.ts';
import { createPortals } from '../../../src/portal/portal.ts';
import type { AuditLog, Match, Permission, Portal, SlackChannel } from '../../../src/portal/ports.ts';
import type { PortalAttempt, PortalTurn } from '../../../src/portal/turn.ts';
import { MemoryLetters } from './memory-letters.ts';
import { MemoryLinks } from './memory-links.ts';
import { MemoryShown } from './memory-shown.ts';
import { defaultPolicy } from '../../support/default-policy.ts';
import { MemoryPortals } from './memory-portals.ts';
import { MemoryChats, MemoryReaders } from './memory-chats.ts';
import { MemoryAccounts } from './memory-accounts.ts';
import { MemoryPuppets } from './memory-puppets.ts';
import { RecordedFiles } from './recorded-files.ts';
import { RecordedMatrix } from './recorded-matrix.ts';
import { RecordedSlack } from './recorded-slack.ts';

export const team = teamId('T1');
const channel = channelId('C1');
export const room = roomId('!room:hs');
export const ann = matrixUserId('@ann:hs');
export const bob = slackUserId('UBOB');
export const place = { team, channel };

export const general: SlackChannel = {
  ...place,
  name: 'general',
  private: false,
  archived: false,
  member: true,
};

export const portal: Portal = {
  id: portalId(7),
  kind: 'channel',
  through: 'bot',
  room,
  status: 'live',
  policy: defaultPolicy,
  channels: [{ ...place, name: 'general' }],
  since: ts('1000.000000'),
};

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** A clock that stands until somebody waits. */
class StandingClock implements Clock {
  at = 5_000_000;
  now(): number {
    return this.at;
  }
  sleep(milliseconds: number): Promise<void> {
    this.at += milliseconds;
    return Promise.resolve();
  }
}

class RecordedCommands implements CommandPort {
  readonly ran: string[] = [];
  isCommand(plain: string): boolean {
    return plain.startsWith('!slack');
  }
  async run(message: MatrixMessage, at: 'room' | 'direct'): Promise<void> {
    this.ran.push(`${at}: ${message.plain}`);
  }
  async greet({ asker, place: at }: Parameters<CommandPort['greet']>[0]): Promise<void> {
    this.ran.push(`greet ${asker} (${at})`);
  }
}

export type World = ReturnType<typeof makeWorld>;

/** The portals among recorders: one live portal between `#general` and a room, unless others are given. */
export function makeWorld(...portals: readonly Portal[]) {
  const links = new MemoryLinks();
  const shown = new MemoryShown();
  const store = new MemoryPortals(...(portals.length > 0 ? portals : [portal]));
  const puppets = new MemoryPuppets();
  const chats = new MemoryChats();
  const readers = new MemoryReaders();
  const accounts = new MemoryAccounts();
  const matrix = new RecordedMatrix();
  const slack = new RecordedSlack();
  slack.channels = [general];
  const letters = new MemoryLetters();
  const clock = new StandingClock();
  const files = new RecordedFiles(clock);
  const matches: Match[] = [];
  const counted: string[] = [];
  const audited: Parameters<AuditLog['record']>[0][] = [];
  const permissions = new Map<string, Permission>();
  const context: PortalContext = {
    portals: store,
    puppets,
    chats,
    readers,
    accounts,
    links,
    shown,
    matrix,
    slack,
    files,
    notices: slack.notices,
    letters,
    retries: letters,
    audit: {
      record: async (entry) => {
        audited.push(entry);
      },
    },
    membersUpTo: 200,
    matches: {
      ofSlackUser: (team, user) =>
        matches.find((each) => each.team === team && each.slackUser === user)?.matrixUser,
      ofMatrixUser: (user, team) =>
        matches.find((each) => each.team === team && each.matrixUser === user)?.slackUser,
    },
    permissionOf: (user) => permissions.get(user) ?? 'user',
    pictureLink: (picture) => `https://bridge.example/${picture.slice('mxc://'.length)}`,
    opKey: (event, piece) => `key:${event}:${piece}`,
    log: silent,
    metrics: {
      bridged: (from, kind) => counted.push(`bridged ${from} ${kind}`),
      ignored: (from, reason) => counted.push(`ignored ${from} ${reason}`),
      failed: (from, reason) => counted.push(`failed ${from} ${reason}`),
      uncertainPost: (outcome) => counted.push(`uncertain ${outcome}`),
    },
    clock,
    pauses: createPauses(),
  };
  const commands = new RecordedCommands();
  const handlers = createPortals(context, commands);
  const parts = {
    letters,
    links,
    shown,
    store,
    puppets,
    chats,
    readers,
    accounts,
    matrix,
    slack,
    files,
    clock,
    counted,
    matches,
    audited,
    permissions,
    context,
    commands,
  };
  return { ...parts, portals: handlers, ...hands(handlers, links) };
}

export interface TurnOptions {
  readonly waited?: boolean;
  readonly seq?: number;
  readonly srcTs?: string;
  readonly receivedAt?: Date;
  readonly lane?: string;
  readonly openAttempts?: readonly PortalAttempt[];
  readonly onBegin?: (attempt: PortalAttempt) => void;
  readonly mayWrite?: () => void;
}

export function makeTurn(links: MemoryLinks, options: TurnOptions = {}) {
  const begun: PortalAttempt[] = [];
  let flushed = 0;
  const turn: PortalTurn = {
    item: {
      seq: options.seq ?? 1,
      lane: options.lane ?? `room:${room}`,
      srcTs: options.srcTs ?? '1500.000000',
      receivedAt: options.receivedAt ?? new Date(1_500_000),
      waited: options.waited ?? false,
    },
    openAttempts: options.openAttempts ?? [],
    remember: (change) => links.apply(change),
    flush: async () => {
      flushed += 1;
    },
    begin: async (attempt) => {
      await Promise.resolve(); // a commit takes its time
      begun.push(attempt);
      options.onBegin?.(attempt);
      const link = links.attemptLinks.get(attempt.piece);
      if (link) links.attempts.set(attempt.opKey, { seq: options.seq ?? 1, piece: attempt.piece, link });
    },
    mayWrite: options.mayWrite ?? (() => undefined),
  };
  return { turn, begun, flushes: () => flushed };
}

function hands(handlers: ReturnType<typeof createPortals>, links: MemoryLinks) {
  return {
    fromSlack: (event: SlackEvent, options?: TurnOptions) =>
      handlers.fromSlack(event, makeTurn(links, options).turn),
    fromMatrix: (event: MatrixEvent, options?: TurnOptions) =>
      handlers.fromMatrix(event, makeTurn(links, options).turn),
  };
}

export type SlackMessageEvent = SlackMessage & { readonly type: 'message' };
export type MatrixMessageEvent = MatrixMessage & { readonly type: 'message' };

/** A Slack message of Bob's. */
export function slackMessage(at: string, text: string, more: Partial<SlackMessage> = {}): SlackMessageEvent {
  return {
    type: 'message',
    ...place,
    ts: ts(at),
    author: { type: 'user', id: bob },
    text: textDoc(text),
    emote: false,
    broadcast: false,
    files: [],
    ...more,
  };
}

/** A Matrix message of Ann's. */
export function matrixMessage(
  id: string,
  text: string,
  more: Partial<MatrixMessage> = {},
): MatrixMessageEvent {
  return {
    type: 'message',
    event: eventId(id),
    room,
    sender: ann,
    at: 1_700_000_000_000,
    kind: 'text',
    text: textDoc(text),
    relation: {},
    mentionsRoom: false,
    plain: text,
    ...more,
  };
}
