import { serverOf } from '../ids.ts';
import type { Portal } from '../portal/ports.ts';
import type { Answer, Request } from './command.ts';
import { portalHere, portalTitle } from './find.ts';
import { bothSides } from './members.ts';
import { bold, bullets, code, line, reply, withData } from './reply.ts';
import { say } from './asker.ts';

/** What the bridge reads and where it goes; of a linked channel also who reads it on the other side. */
export async function privacy(request: Request): Promise<Answer> {
  const { place } = request;
  const portal = portalHere(request);
  const here = place.side === 'slack' ? 'channel' : 'room';
  const readers = portal === undefined ? undefined : await readersOf(request, portal);
  const doc = reply(
    line(bold('What I read, and where it goes')),
    bullets([
      [
        'I carry messages, edits, deletes, reactions and files between Slack channels and the Matrix rooms that they are linked to, and the chats of people who have linked their accounts. What is said elsewhere I don’t keep.',
      ],
      ['With a message go its writer’s name and picture, so that people of the other side see who speaks.'],
      [
        'A copy is on the servers of all who are in the Matrix room, and in Slack. What is deleted on one side is deleted on the other; a server of somebody else’s may keep what it had.',
      ],
      [
        'I keep which message is which, who changed what in links, and, sealed, what is still on its way or could not be brought over. What has arrived I don’t keep.',
      ],
      [
        'Addresses of e-mail are compared only where the administrator of the bridge wants that: ',
        code(say(place, 'match off')),
        ' keeps yours out of it.',
      ],
    ]),
    ...(readers === undefined
      ? [line(`This ${here} is not linked: nobody on the other side reads it.`)]
      : [
          line(bold(`Who reads ${portal ? portalTitle(request.context, portal) : 'it'}`)),
          bullets(readers.lines.map((each) => [each])),
        ]),
  );
  return readers === undefined ? doc : withData(doc, readers.data);
}

async function readersOf(request: Request, portal: Portal) {
  const { context, place } = request;
  const { matrix, slack } = await bothSides(request, portal);
  const servers = [...new Set(matrix.map(serverOf))].toSorted();
  const stateText = async (type: string, field: string): Promise<string> => {
    const value = (await context.matrix.state(portal.room, type, ''))?.[field];
    return typeof value === 'string' ? value : '';
  };
  const history = await stateText('m.room.history_visibility', 'history_visibility');
  const joinRule = await stateText('m.room.join_rules', 'join_rule');
  const isEncrypted = await context.matrix.encrypts(portal.room);
  const mostServers = 10;
  const more = servers.length > mostServers ? ` and ${servers.length - mostServers} more` : '';
  const lines = [
    `In Matrix: ${matrix.length}, on ${servers.slice(0, mostServers).join(', ') || 'no server'}${more}`,
    `In Slack: ${slack === undefined ? 'more than I ask for' : slack.length}`,
    ...(joinRule === 'public'
      ? ['Whoever wants to may join the room.']
      : ['The room is joined by invitation only.']),
    ...(history === 'world_readable'
      ? ['Whoever knows the room’s address may read it without joining.']
      : []),
    isEncrypted
      ? 'The room is encrypted: other servers can’t read it, but the bridge can, and Slack.'
      : 'The room is not encrypted: the servers of its people can read it.',
    `“${say(place, 'members')}” names them.`,
  ];
  return {
    lines,
    data: { matrix: matrix.length, servers, slack: slack?.length, joinRule, history, isEncrypted },
  };
}
