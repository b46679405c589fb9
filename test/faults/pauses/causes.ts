import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import { ghostOf } from '../../support/bridge/matrix-side.ts';
import { shown } from '../../support/bridge/slack-side.ts';

/** Something that people do to a link, and take back. */
export interface Cause {
  readonly name: string;
  /** The link rests while it lasts. */
  readonly pauses: boolean;
  happen(scene: Scene, linked: LinkedRoom): Promise<unknown>;
  end(scene: Scene, linked: LinkedRoom): Promise<unknown>;
  /** How many notices of it people of the link have got by now. */
  notices(scene: Scene, linked: LinkedRoom): number;
}

const paused = /^The bridge to Slack is paused\./;

export const tokenRevoked: Cause = {
  name: 'token_revoked',
  pauses: true,
  happen: async ({ slack }) => slack.control.revokeTokens({}),
  end: async ({ slack }) => slack.control.restoreTokens({}),
  notices: (scene, { room }) => said(scene, room, paused),
};

export const appUninstalled: Cause = {
  name: 'app_uninstalled',
  pauses: true,
  happen: async ({ slack }) => slack.control.uninstallApp({}),
  end: async ({ slack }) => slack.control.installApp({}),
  notices: (scene, { room }) => said(scene, room, paused),
};

export const channelArchived: Cause = {
  name: 'channel_archived',
  pauses: true,
  happen: async ({ slack }, { channel }) => slack.control.archive({ channel: channel.id, user: slack.ann }),
  end: async ({ slack }, { channel }) => slack.control.unarchive({ channel: channel.id, user: slack.ann }),
  notices: (scene, { room }) => said(scene, room, paused),
};

/** Ann's ghost is put out of the room, and invited again. */
export const ghostKicked: Cause = {
  name: 'ghost_kicked',
  pauses: false,
  happen: ({ alice, ...scene }, { room }) => alice.kick(room, ghostOf(scene, scene.slack.ann)),
  end: ({ alice, ...scene }, { room }) => alice.invite(room, ghostOf(scene, scene.slack.ann)),
  notices: (scene, { room }) => said(scene, room, /stays out of this room/),
};

/** Neither the bot nor ghosts may write any more: who reads in Slack can still be told. */
export const powerTooLow: Cause = {
  name: 'power_too_low',
  pauses: true,
  happen: (scene, linked) => setPower(scene, linked, { bot: 0, toWrite: 10 }),
  end: (scene, linked) => setPower(scene, linked, { bot: 50, toWrite: 0 }),
  notices: ({ slack }, { channel }) =>
    slack.posts(channel).filter((post) => shown(post).startsWith('The bridge to the Matrix room is paused.'))
      .length,
};

async function setPower(
  { alice, bob, bot }: Scene,
  { room }: LinkedRoom,
  { bot: level, toWrite }: { readonly bot: number; readonly toWrite: number },
): Promise<void> {
  const levels = await alice.waitFor(room, (seen) => seen.state('m.room.power_levels'));
  const { users } = levels;
  const people = { ...(typeof users === 'object' ? users : {}), [bot]: level, [bob.userId]: toWrite };
  await alice.setState(room, 'm.room.power_levels', { ...levels, users: people, events_default: toWrite });
}

function said({ alice, bot }: Scene, room: string, words: RegExp): number {
  return alice
    .room(room)
    .messages()
    .filter(({ sender, body }) => sender === bot && words.test(body)).length;
}

/** How often the room was told that its link goes on. */
export function resumptions(scene: Scene, { room }: LinkedRoom): number {
  return said(scene, room, /^The bridge to Slack goes on/);
}

/** Does something, and says how many seconds later each of the counts has gone up. */
export async function secondsUntilMore(
  counts: () => readonly number[],
  act: () => Promise<unknown>,
): Promise<number> {
  const before = counts();
  const started = performance.now();
  await act();
  await eventually(
    () => counts().every((count, index) => count > (before[index] ?? 0)),
    () => `Not everybody was told: ${before.join()} became ${counts().join()}.`,
    60_000,
  );
  return (performance.now() - started) / 1000;
}

/** How often a user entered the room after somebody had removed them, without Alice having invited them. */
export function uninvitedReturns({ alice }: Scene, { room }: LinkedRoom, user: string): number {
  let out = false;
  let returns = 0;
  for (const { type, state_key: key, sender, content } of alice.room(room).events()) {
    if (type !== 'm.room.member' || key !== user) continue;
    const { membership } = content;
    if (membership === 'leave' && sender !== user) out = true;
    else if (membership === 'invite' && sender === alice.userId) out = false;
    else if (membership === 'join' && out) returns += 1;
  }
  return returns;
}
