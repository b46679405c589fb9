import { z } from 'zod';

import type {
  App,
  Bookmark,
  Channel,
  Code,
  FileContent,
  Message,
  RefreshToken,
  StoredFile,
  Team,
  Token,
  User,
  Usergroup,
} from './model.ts';
import { newClientId, newSecret } from './ids.ts';
import { noFeatures } from './interactivity/model.ts';
import { usualUserEvents } from './scopes.ts';
import type { World } from './world.ts';

const VERSION = 1;

type Plain<T, Replaced extends keyof T> = Omit<T, Replaced>;

type ChannelPart = 'members' | 'timeline' | 'messages' | 'threads' | 'pins' | 'bookmarks' | 'lastRead';

interface Snapshot {
  readonly version: number;
  readonly teams: readonly (Plain<Team, 'emoji' | 'usergroups'> & {
    readonly emoji: readonly (readonly [string, string])[];
    readonly usergroups: readonly Usergroup[];
  })[];
  readonly apps: readonly App[];
  readonly users: readonly User[];
  readonly tokens: readonly Token[];
  readonly codes?: readonly Code[];
  readonly refreshTokens?: readonly RefreshToken[];
  readonly files: readonly (Plain<StoredFile, 'content'> & {
    readonly base64?: string;
    readonly pattern?: number;
    /** Its name in the spool. */
    readonly disk?: string;
  })[];
  readonly channels: readonly (Plain<Channel, ChannelPart> & {
    readonly members: readonly string[];
    readonly messages: readonly Message[];
    readonly pins: readonly (readonly [string, { by: string; at: number }])[];
    readonly bookmarks?: Bookmark[];
    readonly lastRead?: readonly (readonly [string, string])[];
  })[];
}

/** The world as JSON text. */
export function snapshotWorld(world: World): string {
  const snapshot: Snapshot = {
    version: VERSION,
    teams: [...world.teams.values()].map((team) =>
      Object.assign({}, team, { emoji: [...team.emoji], usergroups: [...team.usergroups.values()] }),
    ),
    // Each app's own team first: that entry is the app's.
    apps: [...new Set([...world.apps.values(), ...[...world.appsByTeam.values()].flat()])],
    users: [...world.users.values()],
    tokens: [...world.tokens.values()],
    codes: [...world.codes.values()],
    refreshTokens: [...world.refreshTokens.values()],
    files: [...world.files.values()].map(({ content, ...file }) =>
      Object.assign(file, contentFields(content)),
    ),
    channels: [...world.channels.values()].map(({ timeline: _timeline, threads: _threads, ...channel }) =>
      Object.assign(channel, {
        members: [...channel.members],
        messages: [...channel.messages.values()],
        pins: [...channel.pins],
        lastRead: [...channel.lastRead],
      }),
    ),
  };
  return JSON.stringify(snapshot);
}

/** Fills an empty world. `path` is for the message when the text can't be used. */
export function restoreWorld(world: World, text: string, path: string): void {
  const snapshot = parseSnapshot(text, path);
  for (const team of snapshot.teams) {
    const usergroups = new Map(team.usergroups.map((group) => [group.id, group]));
    world.addTeam({ ...team, emoji: new Map(team.emoji), usergroups });
  }
  for (const user of snapshot.users) world.addUser({ ...olderUser, ...user });
  for (const app of snapshot.apps) world.addApp({ ...olderApp(), ...app });
  for (const token of snapshot.tokens) world.tokens.set(token.value, { ...olderToken, ...token });
  for (const code of snapshot.codes ?? []) world.codes.set(code.value, code);
  for (const refresh of snapshot.refreshTokens ?? []) world.refreshTokens.set(refresh.value, refresh);
  for (const { base64, pattern, disk, ...file } of snapshot.files) {
    const content = contentOf({ base64, pattern, disk });
    world.files.set(file.id, { ...olderFile, ...file, content });
  }
  for (const { members, messages, pins, ...channel } of snapshot.channels) {
    const restored: Channel = {
      ...channel,
      members: new Set(members),
      pins: new Map(pins),
      bookmarks: channel.bookmarks ?? [], // a world that was written before there were any
      lastRead: new Map(channel.lastRead),
      timeline: [],
      messages: new Map(),
      threads: new Map(),
    };
    for (const message of messages.toSorted((one, other) => (one.ts < other.ts ? -1 : 1)))
      world.append(restored, message);
    world.addChannel(restored);
  }
}

/** What apps and tokens didn't have in worlds that were written earlier. */
function olderApp() {
  return {
    clientId: newClientId(),
    clientSecret: newSecret(),
    redirectUrls: [],
    userSubscriptions: [...usualUserEvents],
    tokenLifeSeconds: undefined,
    distributed: false,
    features: noFeatures,
  };
}

/** What people didn't have in worlds that were written earlier. */
const olderUser = { isOwner: false, isPrimaryOwner: false, isUltraRestricted: false };

const olderToken = { scopes: undefined, expiresAt: undefined };

/** What files didn't have in worlds that were written earlier. */
const olderFile = {
  altText: undefined,
  pretty: 'File',
  mode: 'hosted',
  media: {},
  external: undefined,
  snippet: undefined,
  connect: false,
};

type ContentFields = Pick<Snapshot['files'][number], 'base64' | 'pattern' | 'disk'>;

function contentFields(content: FileContent): ContentFields {
  switch (content.type) {
    case 'bytes':
      return { base64: content.bytes.toString('base64') };
    case 'pattern':
      return { pattern: content.seed };
    case 'disk':
      return { disk: content.name };
    case 'none':
      return {};
  }
}

function contentOf({
  base64,
  pattern,
  disk,
}: { readonly [Field in keyof ContentFields]: ContentFields[Field] | undefined }): FileContent {
  if (base64 !== undefined) return { type: 'bytes', bytes: Buffer.from(base64, 'base64') };
  if (pattern !== undefined) return { type: 'pattern', seed: pattern };
  return disk === undefined ? { type: 'none' } : { type: 'disk', name: disk };
}

function parseSnapshot(text: string, path: string): Snapshot {
  const known = z.looseObject({
    version: z.literal(VERSION),
    teams: z.array(z.unknown()),
    channels: z.array(z.unknown()),
  });
  let parsed: unknown;
  try {
    parsed = known.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${path} isn't a world that this sandbox can read. Move it away to start with an empty one.`,
    );
  }
  // Written by `snapshotWorld` and checked to be of its version.
  return parsed as Snapshot;
}
