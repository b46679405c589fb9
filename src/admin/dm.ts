import { CannotBridge } from '../errors.ts';
import type { SlackProfile } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import type { SlackUserId } from '../ids.ts';
import type { Puppet } from '../portal/ports.ts';
import { matrixUserOf } from './asker.ts';
import type { Request } from './command.ts';
import { messageOf } from './command.ts';
import { teamName } from './find.ts';
import { onlyPerson } from './people-found.ts';
import { line, reply, roomLink } from './reply.ts';

/** More than Slack takes into a group message, the asker included. */
const mostPeople = 9;

/** Opens a chat with one or several people of Slack, by the asker's own account. */
export async function dm(request: Request): Promise<Doc> {
  const { context, args } = request;
  const own = context.people
    .accounts(matrixUserOf(request.asker))
    .filter(({ trouble }) => trouble === undefined);
  if (own.length === 0)
    throw new CannotBridge(
      'not-linked',
      'To write to people in Slack I need your own account there: say “login” to me in a chat with me alone.',
    );
  const { puppet, people } = await peopleMeant(request, own);
  const others = people.filter((user) => user !== puppet.slackUser);
  if (others.length === 0) throw new CannotBridge('yourself', 'That is you. Name somebody else.');
  if (others.length >= mostPeople)
    throw new CannotBridge(
      'too-many',
      `Slack takes at most ${mostPeople - 1} others. Make a channel for more.`,
    );
  const portal = await context.chats.open(puppet, others);
  const { name } = portal.channels[0];
  const several =
    own.length > 1 && args['others'] === undefined ? ` in ${teamName(context, puppet.team)}` : '';
  return reply(line('Here is your chat', several, ': ', roomLink(portal.room, name), '. You are invited.'));
}

interface Meant {
  readonly puppet: Puppet;
  readonly people: readonly SlackUserId[];
}

/** By pills of ghosts, else by words; in the one workspace of the asker's in which they are all found. */
async function peopleMeant(request: Request, own: readonly Puppet[]): Promise<Meant> {
  const pills = request.context.chats.mentioned(messageOf(request).text);
  const [first] = own;
  if (pills.length > 0 && first) return { puppet: first, people: pills };
  const words = [request.args['person'], request.args['others']]
    .filter((each) => each !== undefined)
    .join(' ');
  let failure: unknown;
  const found: Meant[] = [];
  for (const puppet of own) {
    try {
      found.push({ puppet, people: await peopleIn(request, puppet, words) });
    } catch (error) {
      if (!(error instanceof CannotBridge)) throw error;
      failure = error;
    }
  }
  const [only, ...more] = found;
  if (!only) throw failure;
  if (more.length === 0) return only;
  const teams = found.map(({ puppet }) => teamName(request.context, puppet.team)).join(', ');
  throw new CannotBridge(
    'ambiguous',
    `There is somebody of this name in ${teams}. Say their id (U…), or their address.`,
  );
}

/** All the words may be one name; else each is somebody. */
async function peopleIn(request: Request, puppet: Puppet, words: string): Promise<readonly SlackUserId[]> {
  const find = (query: string): Promise<readonly SlackProfile[]> =>
    request.context.slack.findPeople(puppet.team, query);
  const asOne = await find(words);
  if (asOne.length > 0 || !words.includes(' ')) return [onlyPerson(words, asOne)];
  const people: SlackUserId[] = [];
  for (const word of words.split(' ')) people.push(onlyPerson(word, await find(word)));
  return [...new Set(people)];
}
