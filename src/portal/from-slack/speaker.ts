import { createHash } from 'node:crypto';
import type { SlackAuthor, SlackMessage, SlackProfile } from '../../events.ts';
import { unicodeOfName } from '../../format/emoji.ts';
import { cleanName } from '../../format/names.ts';
import type { MatrixUserId, TeamId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import type { MatrixPort, Speaker } from '../ports.ts';

/**
 * Who says a message, where the account `as` isn't theirs.
 *
 * | message                                                     | speaker                                       |
 * | ----------------------------------------------------------- | --------------------------------------------- |
 * | an app's under another name than its own                    | that name, with the picture of the post       |
 * | an app's under the name of a person of the workspace        | the same, marked: nobody passes for a person  |
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
    const id = `${matrix.ghostOf(profile.team, profile.id)} ${hashOf(name)}`;
    const mark = context.slack.isNameOfPerson(message.team, name) ? ' (app)' : '';
    if (name !== '')
      return shown(
        matrix,
        id,
        name + mark,
        author.picture ?? (await pictureOfIcon(context, message.team, author)),
      );
  }
  if (as !== matrix.bot) return undefined;
  return shown(matrix, matrix.ghostOf(profile.team, profile.id), profile.name, profile.picture);
}

/** Of a workspace's own emoji: a standard one has no picture that Matrix could show. */
async function pictureOfIcon(
  { slack }: PortalContext,
  team: TeamId,
  { icon }: Extract<SlackAuthor, { readonly type: 'bot' }>,
): Promise<string | undefined> {
  if (icon === undefined || unicodeOfName(icon) !== undefined) return undefined;
  const own = (await slack.ownEmoji(team, [icon])).get(icon);
  return own && 'picture' in own ? own.picture : undefined;
}

async function shown(
  matrix: Pick<MatrixPort, 'picture'>,
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
