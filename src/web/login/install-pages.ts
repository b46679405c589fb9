import { html, name } from './html.ts';
import type { Page } from './layout.ts';
import type { InstallQuestion, Outcome } from './ports.ts';

/** What a link shows before anything happens. `token`: what the button has to send along. */
export function installPage({ matrixUser, scopes, bot }: InstallQuestion, token: string): Page {
  return {
    status: 200,
    title: 'Install the app in a Slack workspace',
    body: html`<p>
        The administrator ${name(matrixUser)} asks to install the bridge’s Slack app in a workspace. Slack
        will ask which one.
      </p>
      <p class="note">
        Go on only if ${name(matrixUser)} is you, and you asked the bot ${name(bot)} for this link yourself.
      </p>
      <h2>What happens then</h2>
      <p>
        The app’s bot can read and write in the channels that it is invited to, and see who is in the
        workspace. Channels come to Matrix only once somebody links them with a room.
      </p>
      <h2>What Slack will ask you to allow</h2>
      <p class="small">${scopes.join(', ')}</p>
      <h2>How to end it</h2>
      <p>Remove the app from the workspace in Slack. What was said stays where it is.</p>
      <form method="post">
        <input type="hidden" name="token" value="${token}" />
        <button class="button" type="submit">Go on to Slack</button>
      </form>
      <p class="small">Nothing is installed before you agree there.</p>`,
  };
}

type Installed = Extract<Outcome, { readonly type: 'installed' }>;

export function installedPage({ workspace, workspaces, bot }: Installed): Page {
  return {
    status: 200,
    title: 'The app is installed',
    mood: 'good',
    body: html`${workspaces ? organisation(workspace, workspaces) : html`<p>The bridge uses the Slack workspace ${name(workspace)} from now on.</p>`}
      <p>
        Invite the app to a channel there, and say <code>link</code> with the channel’s name to ${name(bot)}
        in Matrix. You can close this page.
      </p>`,
  };
}

function organisation(called: string, workspaces: readonly string[]) {
  if (workspaces.length === 0)
    return html`<p>
      The app is installed for the organisation ${name(called)}, which lets it into no workspace yet: add
      workspaces to it in the organisation’s settings. The bridge uses each of them then.
    </p>`;
  return html`<p>
      The bridge uses these workspaces of the organisation ${name(called)} from now on, and those that are
      added to the app later:
    </p>
    <ul>
      ${workspaces.map((each) => html`<li>${name(each)}</li>`)}
    </ul>`;
}
