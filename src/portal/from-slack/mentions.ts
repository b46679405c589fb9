import type { SlackPlace } from '../../events.ts';
import type { Doc, Inline, Mention } from '../../format/doc.ts';
import { collectMentions, mapMentions, mention, mentionText, text } from '../../format/doc.ts';
import type { Portal } from '../ports.ts';
import type { PortalContext } from '../context.ts';
import { knownChannel, mayShow } from '../may-show.ts';
import { soon } from '../soon.ts';
import { knownProfile } from './author.ts';
import { linksToMatrix } from './links.ts';

/**
 * Slack's mentions as Matrix ones.
 *
 * | Slack                     | Matrix                                                                   |
 * | ------------------------- | ------------------------------------------------------------------------ |
 * | a linked person, or a matched one | their own account                                                |
 * | any other person          | their ghost, by name                                                     |
 * | a channel with a portal   | its room, if it is a public channel or the portal's own                  |
 * | any other channel         | `#name`; the bare id of a private one whose name the text doesn't say    |
 * | a message of such a channel, by its address | its event's address                                    |
 * | a usergroup               | `@name`, which calls nobody                                                |
 * | @here, @channel, @everyone | a call to the room where the portal's policy allows it, else the words  |
 */
export async function mentionsToMatrix(
  context: PortalContext,
  portal: Portal,
  place: SlackPlace,
  doc: Doc,
): Promise<Doc> {
  const found = new Map<string, Inline>();
  for (const target of collectMentions(doc)) {
    const key = keyOf(target);
    if (!found.has(key)) found.set(key, await counterpart(context, portal, place, target));
  }
  const addressed =
    found.size === 0
      ? doc
      : mapMentions(doc, (target) => found.get(keyOf(target)) ?? text(mentionText(target)));
  return linksToMatrix(context, portal, place, addressed);
}

function keyOf(target: Mention): string {
  return JSON.stringify(target);
}

async function counterpart(
  context: PortalContext,
  portal: Portal,
  place: SlackPlace,
  target: Mention,
): Promise<Inline> {
  switch (target.type) {
    case 'slack-user': {
      const profile = await knownProfile(context, place.team, target.user);
      const label = profile?.name ?? target.label ?? target.user;
      const team = profile?.team ?? place.team;
      const linked = context.puppets.ownerOf(team, target.user);
      const own = linked?.matrixUser ?? context.matches.ofSlackUser(team, target.user);
      const user = own ?? context.matrix.ghostOf(team, target.user);
      return mention({ type: 'matrix-user', user, label });
    }
    case 'slack-channel': {
      const linked = context.portals.byChannel(place.team, target.channel);
      const other = linked && (await mayShow(context, portal, linked)) ? linked : undefined;
      const label = `#${target.label ?? other?.channels[0].name ?? (await publicName(context, place, target.channel))}`;
      return other ? mention({ type: 'matrix-room', room: other.room, label }) : text(label);
    }
    case 'usergroup': {
      const label = target.label ?? (await soon(context.slack.usergroup(place.team, target.usergroup)));
      return text(mentionText({ ...target, ...(label !== undefined && { label }) }));
    }
    case 'everyone':
      return portal.policy.everyone ? mention(target) : text(mentionText(target));
    case 'matrix-user':
    case 'matrix-room':
    case 'matrix-alias':
      return text(mentionText(target));
  }
}

async function publicName(
  context: PortalContext,
  place: SlackPlace,
  channel: SlackPlace['channel'],
): Promise<string> {
  const found = await knownChannel(context, place.team, channel);
  return found && !found.private ? found.name : channel;
}
