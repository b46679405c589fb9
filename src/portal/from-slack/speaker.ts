import { createHash } from 'node:crypto';
import type { SlackMessage, SlackProfile } from '../../events.ts';
import { cleanName } from '../../format/names.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import type { Speaker } from '../ports.ts';

/**
 * Who says a message, where the account `as` isn't theirs.
 *
 * | message                                                     | speaker                                       |
 * | ----------------------------------------------------------- | --------------------------------------------- |
 * | an app's under another name than its own                    | that name, with the picture of the post       |
 * | of one whose ghost isn't wanted in the room: the bot says it | the person or app, with their own picture     |
 * | any other                                                   | none: the ghost shows its own name            |
 */
export async function speakerOf(
  context: PortalContext,
  message: SlackMessage,
  { as, profile }: { readonly as: MatrixUserId; readonly profile: SlackProfile },
): Promise<Speaker | undefined> {
  const { author } = message;
  const { matrix } = context;
  if (author.type === 'bot' && author.name !== undefined && author.name !== profile.name) {
    const name = cleanName(author.name);
    if (name !== '')
      return shown(
        context,
        `${matrix.ghostOf(profile.team, profile.id)} ${hashOf(name)}`,
        name,
        author.picture,
      );
  }
  if (as !== matrix.bot) return undefined;
  return shown(context, matrix.ghostOf(profile.team, profile.id), profile.name, profile.picture);
}

async function shown(
  { matrix }: PortalContext,
  id: string,
  name: string,
  url: string | undefined,
): Promise<Speaker> {
  const picture = url === undefined ? undefined : await matrix.picture(url);
  return { id, name, ...(picture !== undefined && { picture }) };
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 16);
}
