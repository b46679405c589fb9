import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import type { TeamId } from '../ids.ts';
import type { SlackAsker } from './asker.ts';
import { matrixUserOf, say } from './asker.ts';
import type { Request } from './command.ts';
import { findTeam, teamName } from './find.ts';
import { code, line, link, reply } from './reply.ts';

/** Gives the asker a link on which they link their Slack account; or takes the code that they got on such a page. */
export async function login(request: Request): Promise<Doc> {
  const { context, direct, args, asker, fact } = request;
  if (asker.slack) return loginFromSlack(request, asker.slack);
  const word = args['team'];
  const isCode = word !== undefined && context.people.isCode(word);
  if (isCode) return direct ? redeem(request, word) : voidCode(request, word);
  if (args['yes'] !== undefined)
    throw new CannotBridge('bad-code', `“${word ?? ''}” is no code as the page shows it.`);
  const team = onlyTeam(request, word);
  const obstacle = context.people.obstacle(team);
  if (obstacle !== undefined) throw new CannotBridge('no-login', obstacle);
  if (direct) return linkFor(request, team);
  const user = matrixUserOf(asker);
  try {
    const chat = await context.matrix.chatWith(user);
    const alone = new Set([context.matrix.bot, user]);
    if (!(await context.matrix.joinedMembers(chat)).every((user) => alone.has(user)))
      return elsewhere('login');
    const text = await linkFor(request, team);
    const key = { fact, part: 'login' };
    await context.matrix.send(context.matrix.bot, chat, { kind: 'notice', text }, key);
  } catch (error) {
    if (error instanceof CannotBridge) return elsewhere('login');
    throw error;
  }
  return reply('I have sent you the link in a chat with me alone: here others would read it.');
}

async function loginFromSlack({ context }: Request, { team, user }: SlackAsker): Promise<Doc> {
  const obstacle = context.people.obstacle(team);
  if (obstacle !== undefined) throw new CannotBridge('no-login', obstacle);
  const address = await context.people.linkFromSlack(user, team);
  return reply(
    line(
      link(address, 'Link your accounts'),
      ' – the page says what that means. The link is good for ten minutes and for you alone: show it to nobody.',
    ),
  );
}

async function linkFor({ context, asker }: Request, team: TeamId): Promise<Doc> {
  const address = await context.people.link(matrixUserOf(asker), team);
  const known = context.people.accounts(matrixUserOf(asker)).find((puppet) => puppet.team === team);
  return reply(
    ...(known ? [`You are linked with ${known.name} there already; this renews it, or changes it.`] : []),
    line(`Link your Slack account in ${teamName(context, team)}: `, link(address)),
    'Open it in the browser in which you use Slack. It is good for ten minutes and once, and for you alone: show it to nobody.',
  );
}

/** Others read along: what is given to a person is given to them alone. */
export function elsewhere(command: string): Doc {
  return reply(
    line(
      'I say this only where nobody else reads it: start a chat with me alone, and say ',
      code(command),
      ' there.',
    ),
  );
}

async function voidCode({ context, asker }: Request, word: string): Promise<Doc> {
  await context.people.void(word, matrixUserOf(asker));
  return reply(
    'Others can read this code here, so it is good for nothing any more. Get another one with “/matrix login” in Slack, and give it to me in a chat with me alone.',
  );
}

/** Who gives a code is asked once more: it may be somebody else's, sent to them with a good story. */
async function redeem({ context, args, asker }: Request, word: string): Promise<Doc> {
  const user = matrixUserOf(asker);
  const claimed = await context.people.claim(word, user);
  if (!claimed)
    throw new CannotBridge(
      'bad-code',
      'This code is good for nothing: it is older than ten minutes, was used, or is mistyped. “/matrix login” in Slack begins anew.',
    );
  const workspace = teamName(context, claimed.team);
  if (args['yes']?.toLowerCase() !== 'yes')
    return reply(
      `This code is from the Slack account ${claimed.name} (${claimed.slackUser}) in ${workspace}. Linked, you write there as ${claimed.name}, and what ${claimed.name} writes in Slack can appear here as yours.`,
      line(
        'If that is your own account, say ',
        code(`login ${word.toUpperCase()} yes`),
        '. If not, do nothing.',
      ),
    );
  const done = await context.people.redeem(word, user);
  switch (done.type) {
    case 'linked':
      return reply(
        `Done: what you write in linked rooms appears in ${workspace} as written by ${done.name} from now on.`,
        line(code('whoami'), ' shows what is linked, ', code('logout'), ' ends it.'),
      );
    case 'linked-elsewhere':
      throw new CannotBridge(
        'linked-elsewhere',
        `This Slack account is linked with ${done.matrixUser} already. If that is you as well, say “logout” to me from there first.`,
      );
    case 'unknown':
      throw new CannotBridge('bad-code', 'This code is good for nothing any more. Begin anew in Slack.');
  }
}

/** Ends what the asker linked. */
export async function logout(request: Request): Promise<Doc> {
  const { context, args, asker } = request;
  const user = matrixUserOf(asker);
  const own = context.people.accounts(user);
  const accounts = own.filter(({ team }) => asker.slack === undefined || team === asker.slack.team);
  const team = args['team'] === undefined ? accounts[0]?.team : findTeam(request, args['team']);
  if (args['team'] === undefined && accounts.length > 1) {
    const names = accounts.map((puppet) => teamName(context, puppet.team)).join(', ');
    throw new CannotBridge('ambiguous', `Which one? You are linked in: ${names}.`);
  }
  const ended = team && (await context.people.logout(user, team));
  if (!team || !ended) {
    const where = team ? ` in ${teamName(context, team)}` : '';
    throw new CannotBridge('not-linked', `No Slack account of yours is linked${where}.`);
  }
  const name = teamName(context, team);
  const left = ended.revoked
    ? 'Slack has taken back what it had allowed me.'
    : 'Slack could not be told now: remove the bridge’s app from your account there as well.';
  return reply(
    `Your Slack account in ${name} is not linked any more. ${left}`,
    'What you write appears in Slack through my own account again, under your name with “(Matrix)” behind it. What was said stays as it is; what you wrote there as yourself only you can change, in Slack. Your direct chats of Slack get nothing new here.',
  );
}

/** The workspace that was named, or the only one. */
function onlyTeam(request: Request, query: string | undefined): TeamId {
  const { context, place } = request;
  if (query !== undefined) return findTeam(request, query);
  const [only, ...more] = context.slack.teams();
  if (!only) throw new CannotBridge('no-team', 'No workspace is connected.');
  if (more.length === 0) return only.id;
  const names = context.slack.teams().map(({ name }) => name);
  throw new CannotBridge(
    'ambiguous',
    `Which workspace? Say one of: ${names.map((name) => say(place, `login ${name}`)).join(', ')}.`,
  );
}
