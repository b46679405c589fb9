import type { SlackMessage } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import { messageDoc } from '../format/blocks.ts';
import { slackLimits, splitDoc } from '../format/splitter.ts';
import type { SlackPort } from '../portal/ports.ts';
import type { CallSlack } from './calls.ts';
import { createChannelMembers } from './channel-members.ts';
import { createChannels } from './channels.ts';
import type { WorkspaceEmoji } from './emoji.ts';
import { createChats } from './chats.ts';
import { createFileInfo } from './file-info.ts';
import { createOrganisationNames } from './organisations.ts';
import type { PeopleNames } from './people-names.ts';
import { permalink } from './permalink.ts';
import { renderPost } from './render-post.ts';
import { createFindPeople } from './find-people.ts';
import { createOwnChats } from './own-chats.ts';
import { createPosts } from './posts.ts';
import { findByOpKey, oneMessage, otherBridges } from './reads.ts';
import { createShownWrites } from './shown.ts';
import { createStandings } from './standing.ts';
import { createTeamPictures } from './team-picture.ts';
import type { Teams } from './teams.ts';
import { createUploads } from './uploads.ts';
import { createUsergroups } from './usergroups.ts';
import { createUsers } from './users.ts';

/** What the portals see of Slack. */
export function createClient(
  call: CallSlack,
  teams: Teams,
  trustedHosts: readonly string[],
  emoji: WorkspaceEmoji,
  names: PeopleNames,
): SlackPort {
  const isOurs = (message: Pick<SlackMessage, 'author' | 'app'>) => isOursAmong(teams, message);
  return {
    teams: () => teams.all(),
    team: (team) => teams.get(team),
    permalink: (place, ts, threadTs) => permalink(teams.get(place.team)?.url, place.channel, ts, threadTs),
    isOurs,
    pieces,
    shownText: (post) => messageDoc(renderPost(post)),
    findByOpKey: (...args) => findByOpKey(call, ...args),
    message: (...args) => oneMessage(call, ...args),
    otherBridges: (place) => otherBridges(call, place, isOurs),
    ...createPosts(call),
    ...createUploads({ call, trustedHosts }),
    ...createFileInfo(call),
    ...createUsers({ call, names, organisation: createOrganisationNames(call, teams) }),
    ...createUsergroups(call),
    ...createStandings(call),
    ...createTeamPictures(call),
    ...emoji,
    ...createChannels(call, teams),
    ...createShownWrites(call),
    ...createChannelMembers(call),
    ...createOwnChats(call),
    ...createChats(call),
    ...createFindPeople(call),
  };
}

function pieces(text: Doc): readonly Doc[] {
  const split = splitDoc(text, slackLimits);
  return split.length > 0 ? split : [text];
}

function isOursAmong(teams: Teams, { author, app }: Pick<SlackMessage, 'author' | 'app'>): boolean {
  return teams.all().some((team) => {
    if (app !== undefined && team.appId === app) return true;
    return author.id === team.bot || author.id === team.botId;
  });
}
