import type { Asker, Place } from '../admin/asker.ts';
import type { AdminContext } from '../admin/ports.ts';
import { answerSlack } from '../admin/slack-commands.ts';
import { slackPermissionOf } from '../config.ts';
import type { Config } from '../config.ts';
import { usergroupId } from '../ids.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { Permission, PuppetDirectory, SlackPort } from '../portal/ports.ts';
import type { AnswerMatrix, SlashCommand } from '../slack/slash-commands.ts';

interface SlackCommandParts {
  readonly admin: AdminContext;
  readonly puppets: Pick<PuppetDirectory, 'ownerOf'>;
  readonly slack: Pick<SlackPort, 'standing' | 'isInUsergroup'>;
}

/** What people get for `/matrix …` in Slack; only they see it. */
export function createSlackCommand(admin: AdminContext, askerOf: SlackAskers): AnswerMatrix {
  return async (command) => {
    const { team, user, text, fact } = command;
    return answerSlack(admin, {
      asker: () => askerOf(team, user),
      place: placeOf(command),
      text,
      fact,
    });
  };
}

function placeOf({ team, channel, channelName }: SlashCommand): Place {
  if (channel === undefined) return { side: 'slack', direct: false };
  const hasName = channelName !== undefined && !nameless.has(channelName);
  return {
    side: 'slack',
    direct: false,
    channel: { team, channel, ...(hasName && { name: channelName }) },
  };
}

/** What Slack says in the place of a name. */
const nameless: ReadonlySet<string> = new Set(['directmessage', 'privategroup']);

/** Who somebody of Slack is for commands, wherever in Slack they ask. Throws `TryLater`. */
export type SlackAskers = (team: TeamId, user: SlackUserId) => Promise<Asker>;

export function createSlackAskers(
  config: Pick<Config, 'slack_permissions'>,
  { admin, puppets, slack }: SlackCommandParts,
): SlackAskers {
  const permissionOf = slackPermissionOf(config);
  return async (team, user) => {
    const { role, name } = await slack.standing(team, user);
    const isIn = (group: string) => slack.isInUsergroup(team, usergroupId(group), user);
    const own = await permissionOf({ user, role, isIn });
    const matrixUser = puppets.ownerOf(team, user)?.matrixUser;
    const linked = matrixUser === undefined ? 'relay' : admin.permissionOf(matrixUser);
    const manages = own === 'manager' || own === 'admin';
    return {
      name: `slack:${team}/${user}`,
      ...(matrixUser !== undefined && { matrixUser }),
      slack: { team, user, role, manages, shown: name },
      permission: higher(ofSlack[own], linked),
    };
  };
}

const ofSlack = { none: 'relay', user: 'user', manager: 'user', admin: 'admin' } as const;
const order: readonly Permission[] = ['none', 'relay', 'user', 'admin'];

function higher(a: Permission, b: Permission): Permission {
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}
