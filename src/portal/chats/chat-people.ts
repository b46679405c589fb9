import type { SlackProfile } from '../../events.ts';
import { cleanName } from '../../format/names.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../../ids.ts';
import { knownProfile } from '../from-slack/author.ts';
import type { PortalContext } from '../context.ts';
import type { Puppet } from '../ports.ts';

/** A chat's people of Slack as Matrix knows them. */
export interface ChatPeople {
  /** Those who have logged in: they are in the room as themselves. */
  readonly linked: readonly Puppet[];
  /** The others, who are in it as ghosts. */
  readonly others: readonly SlackProfile[];
}

export async function peopleOf(
  context: PortalContext,
  team: TeamId,
  members: readonly SlackUserId[],
): Promise<ChatPeople> {
  const linked = members.flatMap((member) => usablePuppet(context, team, member) ?? []);
  const ids = new Set(linked.map(({ slackUser }) => slackUser));
  const others: SlackProfile[] = [];
  for (const member of members) if (!ids.has(member)) others.push(await profileOf(context, team, member));
  return { linked, others };
}

/** Whoever may not use the bridge any more is a ghost like others. */
function usablePuppet(
  { puppets, permissionOf }: PortalContext,
  team: TeamId,
  user: SlackUserId,
): Puppet | undefined {
  const puppet = puppets.ofSlackUser(team, user);
  return puppet && permissionOf(puppet.matrixUser) !== 'none' ? puppet : undefined;
}

async function profileOf(context: PortalContext, team: TeamId, id: SlackUserId): Promise<SlackProfile> {
  return (await knownProfile(context, team, id)) ?? { team, id, name: id, bot: false, deactivated: false };
}

const mostNames = 5;

/** What a chat is called, for people: who is in it. */
export function chatName({ linked, others }: ChatPeople): string {
  const names = [...others, ...linked].map(({ name }) => cleanName(name, 40)).filter((name) => name !== '');
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}

/** The account under which somebody of Slack is in the room. */
export function accountIn(context: PortalContext, team: TeamId, user: SlackUserId): MatrixUserId {
  return usablePuppet(context, team, user)?.matrixUser ?? context.matrix.ghostOf(team, user);
}
