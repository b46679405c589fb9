import type { MatrixUserId, SlackUserId } from '../../../src/ids.ts';
import { teamId } from '../../../src/ids.ts';
import type { Puppet, PuppetDirectory } from '../../../src/portal/ports.ts';

const allScopes = [
  'channels:write',
  'chat:write',
  'files:write',
  'groups:write',
  'pins:write',
  'reactions:write',
] as const;

/** Linked people in memory. */
export class MemoryPuppets implements PuppetDirectory {
  private linked: readonly Puppet[] = [];
  ofMatrixUser: PuppetDirectory['ofMatrixUser'] = (user, team) =>
    this.usable().find((each) => each.matrixUser === user && each.team === team);
  ofSlackUser: PuppetDirectory['ofSlackUser'] = (team, user) =>
    this.usable().find((each) => each.slackUser === user && each.team === team);
  ownerOf: PuppetDirectory['ownerOf'] = (team, author) =>
    this.linked.find((each) => each.slackUser === author && each.team === team);
  all: PuppetDirectory['all'] = () => this.linked;

  /** In the workspace `T1`. */
  link(matrixUser: MatrixUserId, slackUser: SlackUserId, more: Partial<Puppet> = {}): void {
    this.unlink(slackUser);
    const team = teamId('T1');
    const puppet = { matrixUser, slackUser, team, scopes: allScopes, name: 'somebody', double: true };
    this.linked = [...this.linked, { ...puppet, ...more }];
  }

  unlink(slackUser: SlackUserId): void {
    this.linked = this.linked.filter((each) => each.slackUser !== slackUser);
  }

  private usable(): readonly Puppet[] {
    return this.linked.filter(({ trouble }) => trouble === undefined);
  }
}
