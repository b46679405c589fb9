import type { PeopleDesk } from '../admin/people-ports.ts';
import type { MatrixUserId } from '../ids.ts';
import type { Puppet } from '../portal/ports.ts';
import type { Login } from '../store/logins.ts';
import { forgetGrant, giveBack, heldGrant, isCode } from './held-grants.ts';
import { lacking, obstacle, slackName } from './login-parts.ts';
import type { LoginParts } from './login-parts.ts';
import { endToken, savePuppet } from './save-puppet.ts';

/** What the commands ask of people's own accounts. */
export function createPeopleDesk(parts: LoginParts): PeopleDesk {
  const { logins, puppets, audit } = parts.store;
  const normal = (code: string): string => code.toUpperCase();
  return {
    obstacle: (team) => obstacle(parts, team),
    link: async (user, team) => {
      const secret = await logins.begin({ kind: 'person', matrixUser: user, team });
      return pageOf(parts, secret);
    },
    linkFromSlack: async (slackUser, team) =>
      pageOf(parts, await logins.begin({ kind: 'slack', team, slackUser })),
    all: () => puppets.all(),
    accounts: (user) => puppets.all().filter(({ matrixUser }) => matrixUser === user),
    lacks: ({ scopes }) => lacking(scopes),
    canDouble: parts.canDouble,
    setDouble: (puppet, isOn) => setDouble(parts, puppet, isOn),
    isCode,
    claim: async (code, user) => {
      const login = about(await logins.claim(normal(code), user));
      return login && { ...login, name: await slackName(parts, login.team, login.slackUser) };
    },
    redeem: async (code, user) => {
      const login = await logins.claim(normal(code), user);
      const whose = about(login);
      if (!login || !whose) return { type: 'unknown' };
      const grant = await heldGrant(parts.store, login);
      if (!grant) {
        const done = puppets.ofSlackUser(whose.team, whose.slackUser);
        return done?.matrixUser === user
          ? { type: 'linked', team: whose.team, name: done.name }
          : { type: 'unknown' };
      }
      const saved = await savePuppet(parts, user, { ...whose, ...grant });
      if ('linkedTo' in saved) return { type: 'linked-elsewhere', matrixUser: saved.linkedTo };
      await logins.finish(login);
      await forgetGrant(parts.store, login);
      return { type: 'linked', team: whose.team, name: saved.name };
    },
    void: async (code, user) => {
      const login = await logins.claim(normal(code), user);
      const [whose, grant] = [about(login), login && (await heldGrant(parts.store, login))];
      if (!login) return;
      await logins.finish(login);
      if (whose && grant) await giveBack(parts, { ...whose, token: grant.token });
      await forgetGrant(parts.store, login);
    },
    logout: async (user, team) => {
      const puppet = puppets.all().find((each) => each.matrixUser === user && each.team === team);
      if (!puppet) return undefined;
      const token = await puppets.tokenOf(team, puppet.slackUser);
      await puppets.remove(user, team); // before Slack says that the token is gone: that is no news for anybody then
      endUnusedSession(parts, user);
      const details = { team, slackUser: puppet.slackUser };
      await audit.record({ actor: user, action: 'logout', details });
      return { revoked: token === undefined || (await endToken(parts, team, token)) };
    },
  };
}

async function setDouble(
  parts: LoginParts,
  { matrixUser, team }: Pick<Puppet, 'matrixUser' | 'team'>,
  isOn: boolean,
): Promise<void> {
  await parts.store.puppets.setDouble(matrixUser, team, isOn);
  endUnusedSession(parts, matrixUser);
}

/** Nobody waits for it: nothing is done by it any more. */
function endUnusedSession({ endSession, store }: LoginParts, user: MatrixUserId): void {
  const isUsed = store.puppets.all().some(({ double, matrixUser }) => double && matrixUser === user);
  if (!isUsed) void endSession(user);
}

/** The page on which a link is opened. */
export function pageOf({ publicUrl = '' }: LoginParts, secret: string): string {
  return `${publicUrl}/login/${secret}`;
}

function about(login: Login | undefined) {
  if (login?.team === undefined || login.slackUser === undefined) return undefined;
  return { team: login.team, slackUser: login.slackUser };
}
