import { html, name } from './html.ts';
import type { Html } from './html.ts';
import type { Page } from './layout.ts';
import { installPage } from './install-pages.ts';
import type { PersonQuestion, Question } from './ports.ts';
import { scopeGroups } from './scope-words.ts';

/** What a link shows before anything happens. `token`: what the button has to send along. */
export function questionPage(question: Question, token: string): Page {
  return question.kind === 'install' ? installPage(question, token) : personPage(question, token);
}

function personPage(question: PersonQuestion, token: string): Page {
  return {
    status: 200,
    title: 'Link your Slack account',
    body: html`${asks(question)} ${consequences(question)}
      <h2>What Slack will ask you to allow, and why</h2>
      <ul>
        ${scopeGroups(question.scopes).map(({ what, why }) => html`<li><b>${what}</b><span>${why}</span></li>`)}
      </ul>
      <h2>How to end it</h2>
      <p>
        Say <code>logout</code> to the bot ${name(question.bot)} in Matrix, or remove the app in Slack. What
        was said stays where it is.
      </p>
      <form method="post">
        <input type="hidden" name="token" value="${token}" />
        <button class="button" type="submit">Go on to Slack</button>
      </form>
      <p class="small">Nothing is linked before you agree there.</p>`,
  };
}

function asks({ kind, matrixUser, slackName, workspace, bot }: PersonQuestion): Html {
  if (kind === 'slack')
    return html`<p>
        ${name(slackName ?? 'Somebody')} asked in the Slack workspace ${name(workspace)} to link that Slack
        account with a Matrix account.
      </p>
      <p class="note">
        Go on only if you are ${name(slackName ?? 'that person')} and asked for this yourself. Afterwards you
        get a code, which you give to the bot ${name(bot)} from your Matrix account.
      </p>`;
  return html`<p>
      The Matrix account ${name(matrixUser ?? '')} asks to use your Slack account in the workspace
      ${name(workspace)}.
    </p>
    <p class="note">
      Go on only if ${name(matrixUser ?? '')} is you, and you asked the bot ${name(bot)} for this link
      yourself. Whoever else it is could write as you from then on.
    </p>`;
}

function consequences({ double }: PersonQuestion): Html {
  return html`<h2>What happens then</h2>
    <p>
      What you write in linked Matrix rooms appears in Slack as written by you, instead of by the bridge’s bot
      under your name. ${fromSlack(double)}
    </p>`;
}

function fromSlack(double: boolean | undefined): string {
  if (double === undefined)
    return 'What you write in Slack appears in Matrix as written by your own account, if that is on the bridge’s homeserver.';
  return double
    ? 'What you write in Slack appears in Matrix as written by your own account.'
    : 'What you write in Slack still appears in Matrix under an account that the bridge keeps for you.';
}

/** After the button: the browser goes on by itself. */
export function onwardsPage(slack: string): Page {
  return {
    status: 200,
    title: 'On to Slack …',
    onwards: slack,
    body: html`<p>Your browser goes to Slack by itself. If it doesn’t:</p>
      <a class="button" href="${slack}" rel="noreferrer">Go on to Slack</a>`,
  };
}
