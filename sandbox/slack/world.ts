import type { Clock } from './clock.ts';
import { seconds } from './clock.ts';
import { formatTs } from './ids.ts';
import type { Ephemeral, ResponseUrl, Trigger, View } from './interactivity/model.ts';
import type { Spool } from './spool.ts';
import type {
  App,
  Channel,
  Code,
  Message,
  RefreshToken,
  StoredFile,
  Team,
  Token,
  Upload,
  User,
} from './model.ts';

/**
 * Who an event goes to: the apps whose bot or people are in the channel, every app of the team, one app, or the apps that
 * one person let act for them.
 */
export type Reach = 'channel' | 'team' | { readonly appId: string } | { readonly userId: string };

export interface PublishedEvent {
  readonly teamId: string;
  readonly channelId: string | undefined;
  readonly reach: Reach;
  readonly event: Readonly<Record<string, unknown>> & { readonly type: string };
}

/** Something changed that a page that shows the world would want to draw again. */
export interface WorldChange {
  readonly what: 'team' | 'user' | 'channel' | 'message' | 'file' | 'view' | 'all';
  readonly teamId?: string | undefined;
  readonly channelId?: string | undefined;
  readonly id?: string | undefined;
}

/** The state, its indexes, and the two streams that come out of it: events for apps and changes for pages. */
export class World {
  readonly clock: Clock;
  /** Where the sandbox is reached; pictures and files have addresses below it. */
  readonly url: string;
  /** Where uploads are kept. */
  readonly spool: Spool;
  readonly teams = new Map<string, Team>();
  /** Each app in its own workspace; `installation` finds it in others. */
  readonly apps = new Map<string, App>();
  readonly appsByTeam = new Map<string, App[]>();
  readonly appsByBot = new Map<string, App>();
  readonly users = new Map<string, User>();
  readonly usersByTeam = new Map<string, Map<string, User>>();
  readonly channels = new Map<string, Channel>();
  readonly channelsByTeam = new Map<string, Map<string, Channel>>();
  readonly files = new Map<string, StoredFile>();
  readonly uploads = new Map<string, Upload>();
  readonly tokens = new Map<string, Token>();
  readonly codes = new Map<string, Code>();
  readonly refreshTokens = new Map<string, RefreshToken>();
  /** Home tabs, and modals in the order in which they were opened. */
  readonly views = new Map<string, View>();
  readonly ephemerals: Ephemeral[] = [];
  readonly triggers = new Map<string, Trigger>();
  /** By the end of their addresses. */
  readonly responseUrls = new Map<string, ResponseUrl>();
  readonly #eventListeners: ((event: PublishedEvent) => void)[] = [];
  readonly #changeListeners = new Set<(change: WorldChange) => void>();

  constructor(clock: Clock, url: string, spool: Spool) {
    this.clock = clock;
    this.url = url;
    this.spool = spool;
  }

  onEvent(listener: (event: PublishedEvent) => void): void {
    this.#eventListeners.push(listener);
  }

  /** The result stops it. */
  onChange(listener: (change: WorldChange) => void): () => void {
    this.#changeListeners.add(listener);
    return () => {
      this.#changeListeners.delete(listener);
    };
  }

  publish(event: PublishedEvent): void {
    for (const listener of this.#eventListeners) listener(event);
  }

  changed(change: WorldChange): void {
    for (const listener of this.#changeListeners) listener(change);
  }

  addTeam(team: Team): void {
    this.teams.set(team.id, team);
    this.usersByTeam.set(team.id, new Map());
    this.channelsByTeam.set(team.id, new Map());
    this.appsByTeam.set(team.id, []);
  }

  addUser(user: User): void {
    this.users.set(user.id, user);
    this.usersByTeam.get(user.teamId)?.set(user.id, user);
  }

  addChannel(channel: Channel): void {
    this.channels.set(channel.id, channel);
    this.channelsByTeam.get(channel.teamId)?.set(channel.id, channel);
  }

  addApp(app: App): void {
    if (!this.apps.has(app.id)) this.apps.set(app.id, app);
    this.appsByTeam.get(app.teamId)?.push(app);
    this.appsByBot.set(app.botId, app);
  }

  /** An app as it is in a team. */
  installation(appId: string, teamId: string): App | undefined {
    return this.appsByTeam.get(teamId)?.find(({ id }) => id === appId);
  }

  /** The app in all its teams. */
  installations(appId: string): readonly App[] {
    return [...this.appsByTeam.values()].flat().filter(({ id }) => id === appId);
  }

  /** Forgets everything. */
  clear(): void {
    for (const index of [
      this.teams,
      this.apps,
      this.appsByTeam,
      this.appsByBot,
      this.users,
      this.usersByTeam,
    ]) {
      index.clear();
    }
    for (const index of [this.channels, this.channelsByTeam, this.files, this.uploads, this.tokens])
      index.clear();
    for (const index of [this.codes, this.refreshTokens]) index.clear();
    for (const index of [this.views, this.triggers, this.responseUrls]) index.clear();
    this.ephemerals.length = 0;
    void this.spool.keepOnly(new Set());
    this.changed({ what: 'all' });
  }

  /** Seconds since 1970. */
  seconds(): number {
    return seconds(this.clock);
  }

  /** A ts that is younger than every other of the channel. */
  nextTs(channel: Channel): string {
    channel.lastMicros = Math.max(this.clock.now() * 1000, channel.lastMicros + 1);
    return formatTs(channel.lastMicros);
  }

  /** A time for events that have no channel, such as `user_change`. */
  eventTs(): string {
    return formatTs(this.clock.now() * 1000);
  }

  /** Puts a message with a new, youngest ts into the channel's indexes. */
  append(channel: Channel, message: Message): void {
    channel.messages.set(message.ts, message);
    const inThread = message.threadTs !== undefined && message.threadTs !== message.ts;
    if (!inThread || message.subtype === 'thread_broadcast') channel.timeline.push(message);
    if (!inThread) return;
    const replies = channel.threads.get(message.threadTs);
    if (replies) replies.push(message);
    else channel.threads.set(message.threadTs, [message]);
  }

  /** Puts a message back at its old place in the channel's main view. */
  insert(channel: Channel, message: Message): void {
    channel.messages.set(message.ts, message);
    channel.timeline.splice(lowerBound(channel.timeline, message.ts), 0, message);
  }

  /** Takes a message out of the channel's indexes. */
  remove(channel: Channel, message: Message): void {
    channel.messages.delete(message.ts);
    removeByTs(channel.timeline, message.ts);
    channel.pins.delete(message.ts);
    if (message.threadTs === undefined) return;
    const replies = channel.threads.get(message.threadTs);
    if (!replies) return;
    removeByTs(replies, message.ts);
    if (replies.length === 0) channel.threads.delete(message.threadTs);
  }
}

/** The index of the first message whose ts is at or after `ts`, in a list of rising ts. */
export function lowerBound(messages: readonly Message[], ts: string): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.ts ?? '') < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}

function removeByTs(messages: Message[], ts: string): void {
  const at = lowerBound(messages, ts);
  if (messages[at]?.ts === ts) messages.splice(at, 1);
}
