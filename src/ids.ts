/**
 * The ids of both networks as branded strings, one constructor each. A constructor checks the shape and throws an
 * `InvalidId` that says what it should have been; ids are opaque everywhere else, and their stored form is a promise.
 */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A Slack workspace (`T…`), or an organisation (`E…`). */
export type TeamId = Brand<string, 'TeamId'>;
/** Any Slack conversation: channel (`C…`), private channel (`G…`, `C…`), direct message (`D…`), group direct message. */
export type ChannelId = Brand<string, 'ChannelId'>;
/** A Slack user (`U…`, `W…`). */
export type SlackUserId = Brand<string, 'SlackUserId'>;
/** The bot part of a Slack app (`B…`), author of posts that have no user. */
export type BotId = Brand<string, 'BotId'>;
export type AppId = Brand<string, 'AppId'>;
export type UsergroupId = Brand<string, 'UsergroupId'>;
export type FileId = Brand<string, 'FileId'>;
/** Slack's message id: decimal seconds with six digits after the point, unique within a channel; compare as strings. */
export type Ts = Brand<string, 'Ts'>;

export type RoomId = Brand<string, 'RoomId'>;
export type EventId = Brand<string, 'EventId'>;
/** `@localpart:server`. */
export type MatrixUserId = Brand<string, 'MatrixUserId'>;
/** `mxc://server/id`. */
export type MxcUri = Brand<string, 'MxcUri'>;

/** The row number of a portal. */
export type PortalId = Brand<number, 'PortalId'>;

/** Who writes on Slack: a person, or an app's bot. */
export type AuthorId = SlackUserId | BotId;

/**
 * An id whose shape is wrong: the payload that held it can't be what it says. The message goes into logs, so it doesn't
 * repeat the value: that may be anything that somebody wrote.
 */
export class InvalidId extends Error {
  constructor(what: string, value: unknown) {
    super(
      `not a ${what}, but ${typeof value === 'string' ? `a text of length ${value.length}` : typeof value}`,
    );
    this.name = 'InvalidId';
  }
}

function checked<Id extends string>(what: string, pattern: RegExp): (value: unknown) => Id {
  return (value) => {
    if (typeof value !== 'string' || value.length > 255 || !pattern.test(value) || !isStorable(value))
      throw new InvalidId(what, value);
    return value as Id; // the only place where a string becomes an id
  };
}

/** Neither databases nor networks take these, whatever a pattern says. */
function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

export const teamId = checked<TeamId>('Slack team id', /^[TE][A-Z0-9]+$/);
export const channelId = checked<ChannelId>('Slack channel id', /^[CDG][A-Z0-9]+$/);
export const slackUserId = checked<SlackUserId>('Slack user id', /^[UW][A-Z0-9]+$/);
export const botId = checked<BotId>('Slack bot id', /^B[A-Z0-9]+$/);
export const appId = checked<AppId>('Slack app id', /^A[A-Z0-9]+$/);
export const usergroupId = checked<UsergroupId>('Slack usergroup id', /^S[A-Z0-9]+$/);
export const fileId = checked<FileId>('Slack file id', /^F[A-Z0-9]+$/);
export const ts = checked<Ts>('Slack ts', /^\d{1,12}\.\d{6}$/);
export const roomId = checked<RoomId>('Matrix room id', /^![^\s]+$/);
export const eventId = checked<EventId>('Matrix event id', /^\$[^\s]+$/);
export const matrixUserId = checked<MatrixUserId>('Matrix user id', /^@[^\s:]*:[^\s]+$/);
export const mxcUri = checked<MxcUri>('mxc address', /^mxc:\/\/[^\s/]+\/[^\s/?#]+$/);

/** A user or bot id, by its first letter. */
export function authorId(value: unknown): AuthorId {
  return typeof value === 'string' && value.startsWith('B') ? botId(value) : slackUserId(value);
}

export function portalId(value: number): PortalId {
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidId('portal id', value);
  return value as PortalId;
}

/** When a Slack message was posted, in milliseconds since 1970. */
export function tsToMillis(value: Ts): number {
  const [seconds = '0', fraction = '0'] = value.split('.');
  return Number(seconds) * 1000 + Math.floor(Number(fraction) / 1000);
}

/** The server of a Matrix user id: all that follows its first colon. */
export function serverOf(user: MatrixUserId): string {
  return user.slice(user.indexOf(':') + 1);
}
