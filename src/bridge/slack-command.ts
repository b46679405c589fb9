import type { AnswerMatrix } from '../slack/interactions.ts';
import { obstacle } from './login-parts.ts';
import type { LoginParts } from './login-parts.ts';
import type { Matches } from '../store/matches.ts';
import { pageOf } from './people-desk.ts';

/** What people get for `/matrix …` in Slack, in mrkdwn; only they see it. */
export function createSlackCommand(parts: LoginParts, matches: Pick<Matches, 'setRefused'>): AnswerMatrix {
  const help = [
    '`/matrix login` links your Slack account with your Matrix account: then what you write on one side appears as yours on the other.',
    '`/matrix match off` keeps your e-mail address from being compared with those of Matrix users, `/matrix match on` allows it.',
    '`/matrix help` shows this.',
    `All else is done in Matrix: write \`!slack help\` in a bridged room there, or \`help\` in a direct chat with \`${parts.bot}\`.`,
  ].join('\n');
  return async (team, user, words) => {
    const said = words.trim().toLowerCase();
    if (said === 'match off' || said === 'match on') {
      await matches.setRefused({ team, slackUser: user }, said === 'match off');
      return said === 'match off'
        ? 'Your e-mail address is compared with nobody’s.'
        : 'Your e-mail address may be compared.';
    }
    if (said !== 'login') return help;
    const why = obstacle(parts, team);
    if (why !== undefined) return why;
    const secret = await parts.store.logins.begin({ kind: 'slack', team, slackUser: user });
    return `<${pageOf(parts, secret)}|Link your accounts> – the page says what that means. The link is good for ten minutes and for you alone: show it to nobody.`;
  };
}
