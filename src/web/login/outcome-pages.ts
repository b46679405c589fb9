import { html, name } from './html.ts';
import type { Html } from './html.ts';
import { installedPage } from './install-pages.ts';
import type { Page } from './layout.ts';
import type { Outcome } from './ports.ts';
import { refusalPage, retryButton, scopeList } from './refusal-pages.ts';

/** What came of Slack's answer. */
export function outcomePage(outcome: Outcome): Page {
  switch (outcome.type) {
    case 'linked':
      return linkedPage(outcome);
    case 'code':
      return codePage(outcome);
    case 'installed':
      return installedPage(outcome);
    default:
      return refusalPage(outcome);
  }
}

type Linked = Extract<Outcome, { readonly type: 'linked' }>;

function linkedPage({ matrixUser, slackName, workspace, double, lacks, retry, bot }: Linked): Page {
  return {
    status: 200,
    title: 'Your accounts are linked',
    mood: 'good',
    body: html`<p>
        What ${name(matrixUser)} writes in linked rooms appears in the Slack workspace ${name(workspace)} as
        written by ${name(slackName)} from now on.
        ${double ? html`What ${name(slackName)} writes in Slack appears in Matrix as ${name(matrixUser)}.` : undefined}
      </p>
      ${lacks.length === 0 ? undefined : lacking(lacks, retry)}
      <p>You can close this page. To end it, say <code>logout</code> to ${name(bot)} in Matrix.</p>`,
  };
}

function lacking(lacks: readonly string[], retry: string | undefined): Html {
  return html`<h2>Slack didn’t give all that was asked for</h2>
    <p>The bridge does without, which means that some things won’t work:</p>
    ${scopeList(lacks)} ${retryButton(retry, 'Ask Slack for these, too')}`;
}

type Code = Extract<Outcome, { readonly type: 'code' }>;

function codePage({ code, slackName, workspace, bot }: Code): Page {
  return {
    status: 200,
    title: 'One more step, in Matrix',
    mood: 'good',
    body: html`<p>
        Slack knows you as ${name(slackName)} in ${name(workspace)}. Now tell the bridge who you are in
        Matrix: open a chat with ${name(bot)} there, with nobody else in it, and send:
      </p>
      <code class="say">!slack login ${code}</code>
      <p>The code is good for ten minutes and for one account.</p>
      <p class="note">
        Show it to nobody: it links your Slack account with the Matrix account that sends it.
      </p>
      <a class="button" href="https://matrix.to/#/${encodeURIComponent(bot)}" rel="noreferrer"
        >Open the chat in Matrix</a
      >`,
  };
}
