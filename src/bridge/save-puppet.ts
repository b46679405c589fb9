import { CannotBridge } from '../errors.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../ids.ts';
import type { StoredToken } from '../slack/ports.ts';
import { slackName } from './login-parts.ts';
import type { LoginParts } from './login-parts.ts';

/** What is linked. */
interface Allowed {
  readonly team: TeamId;
  readonly slackUser: SlackUserId;
  readonly scopes: readonly string[];
  readonly token: StoredToken;
}

/**
 * The Slack account is the Matrix user's from now on; one that they had in the workspace before is theirs no more. Repeats
 * safely. `linkedTo`: it is another Matrix user's, and stays so.
 */
export async function savePuppet(
  parts: LoginParts,
  matrixUser: MatrixUserId,
  { team, slackUser, scopes, token }: Allowed,
): Promise<{ readonly name: string } | { readonly linkedTo: MatrixUserId }> {
  const { puppets, audit } = parts.store;
  const inTeam = puppets.all().filter((puppet) => puppet.team === team);
  const before = inTeam.find((puppet) => puppet.matrixUser === matrixUser);
  const old =
    before && before.slackUser !== slackUser ? await puppets.tokenOf(team, before.slackUser) : undefined;
  const name = await slackName(parts, team, slackUser);
  try {
    await puppets.save({ matrixUser, team, slackUser, name, scopes }, token);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    await puppets.refresh(); // another process may have linked it just now
    const owner = puppets.all().find((puppet) => puppet.team === team && puppet.slackUser === slackUser);
    if (!owner) throw error;
    return { linkedTo: owner.matrixUser };
  }
  if (old) await endToken(parts, team, old);
  await audit.record({ actor: matrixUser, action: 'login', details: { team, slackUser } });
  return { name };
}

/** False: Slack couldn't be asked, so the token still works there for whoever has it; nobody does. */
export async function endToken(
  { slack, log }: LoginParts,
  team: TeamId,
  { access }: StoredToken,
): Promise<boolean> {
  try {
    await slack.oauth.revoke(team, access);
    return true;
  } catch (error) {
    log.warn('the token of a person who logged out could not be ended', { team, error });
    return false;
  }
}
