import { CannotBridge } from '../../errors.ts';
import type { SlackAuthor, SlackMessage, SlackProfile } from '../../events.ts';
import type { AuthorId, TeamId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';

/**
 * Who wrote it, as Slack shows them; where Slack won't say, what the message itself says, at worst the bare id. A message
 * is never held up for good by its author.
 */
export async function profileOf(context: PortalContext, message: SlackMessage): Promise<SlackProfile> {
  const { author, team } = message;
  return (await knownProfile(context, team, author.id)) ?? fallbackProfile(team, author);
}

/** The profile; undefined where Slack refuses it. */
export async function knownProfile(
  context: PortalContext,
  team: TeamId,
  author: AuthorId,
  how?: { readonly background?: boolean },
): Promise<SlackProfile | undefined> {
  try {
    return await context.slack.profile(team, author, how);
  } catch (error) {
    if (error instanceof CannotBridge) return undefined;
    throw error;
  }
}

function fallbackProfile(team: TeamId, author: SlackAuthor): SlackProfile {
  const bot = author.type === 'bot';
  return {
    team,
    id: author.id,
    name: (bot && author.name) || author.id,
    ...(bot && author.picture !== undefined && { picture: author.picture }),
    bot,
    deactivated: false,
  };
}
