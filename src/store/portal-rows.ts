import { z } from 'zod';
import { channelId, portalId, roomId, teamId, ts } from '../ids.ts';
import type { Portal, PortalPolicy } from '../portal/ports.ts';

/** A portal with its open channels, as JSON; `where` narrows it. Unlinked ones included. */
export function portalsSql(where: string): string {
  return `select json_build_object('portal', p, 'channels', (
      select json_agg(c order by c.position, c.since) from portal_channel c
      where c.portal = p.id and (c.until is null or p.status = 'unlinked')
    ))::text as portal
    from portal p where ${where} order by p.id`;
}

const stored = z.object({
  portal: z.object({
    id: z.number().transform(portalId),
    kind: z.enum(['channel', 'direct', 'group']),
    through: z.enum(['bot', 'people']),
    room_id: z.string().transform(roomId),
    status: z.enum(['pending', 'filling', 'live', 'paused', 'frozen', 'unlinked']),
    paused_because: z.string().nullable(),
    direction: z.enum(['both', 'to-matrix', 'to-slack']),
    bots: z.boolean(),
    notices: z.boolean(),
    everyone: z.boolean(),
    other_bridges: z.boolean(),
    waiting: z.enum(['reaction', 'notice', 'off']),
    reaction_names: z.boolean(),
    topic: z.boolean(),
    room_name: z.boolean(),
    pins: z.boolean(),
    read_only: z.boolean(),
    captions: z.boolean(),
    members: z.enum(['auto', 'on', 'lazy', 'off']),
    kicks: z.boolean(),
    invites: z.boolean(),
    largest_file: z.number(),
    encryption: z.enum(['default', 'off', 'allow', 'on', 'require']),
    since: z.string().transform(ts),
  }),
  channels: z.tuple(
    [
      z.object({
        team: z.string().transform(teamId),
        channel: z.string().transform(channelId),
        name: z.string(),
      }),
    ],
    z.object({
      team: z.string().transform(teamId),
      channel: z.string().transform(channelId),
      name: z.string(),
    }),
  ),
});

const rows = z.array(z.object({ portal: z.string() }));

/** The answer to `portalsSql`. */
export function readPortals(answer: unknown): readonly Portal[] {
  return rows.parse(answer).map(({ portal }) => toPortal(stored.parse(JSON.parse(portal))));
}

function toPortal({ portal, channels }: z.infer<typeof stored>): Portal {
  const { direction, bots, notices, everyone, other_bridges: otherBridges } = portal;
  const { waiting, reaction_names: reactionNames } = portal;
  const { topic, room_name: name, pins, read_only: readOnly, captions } = portal;
  const { members, kicks, invites, encryption, largest_file: largestFile } = portal;
  return {
    id: portal.id,
    kind: portal.kind,
    through: portal.through,
    room: portal.room_id,
    status: portal.status,
    ...(portal.paused_because !== null && { pausedBecause: portal.paused_because }),
    policy: {
      direction,
      bots,
      notices,
      everyone,
      otherBridges,
      waiting,
      reactionNames,
      topic,
      name,
      pins,
      readOnly,
      captions,
      members,
      kicks,
      invites,
      largestFile,
      encryption,
    },
    channels,
    since: portal.since,
  };
}

/** The columns of a policy. */
export const policyColumns = {
  direction: 'direction',
  bots: 'bots',
  notices: 'notices',
  everyone: 'everyone',
  otherBridges: 'other_bridges',
  waiting: 'waiting',
  reactionNames: 'reaction_names',
  topic: 'topic',
  name: 'room_name',
  pins: 'pins',
  readOnly: 'read_only',
  captions: 'captions',
  members: 'members',
  kicks: 'kicks',
  invites: 'invites',
  largestFile: 'largest_file',
  encryption: 'encryption',
} as const satisfies Record<keyof PortalPolicy, string>;
