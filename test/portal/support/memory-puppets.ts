import type { Puppet, PuppetDirectory } from '../../../src/portal/ports.ts';

/** Linked people in memory. */
export class MemoryPuppets implements PuppetDirectory {
  readonly linked: Puppet[] = [];
  ofMatrixUser: PuppetDirectory['ofMatrixUser'] = (user, team) =>
    this.usable().find((each) => each.matrixUser === user && each.team === team);
  ofSlackUser: PuppetDirectory['ofSlackUser'] = (team, user) =>
    this.usable().find((each) => each.slackUser === user && each.team === team);
  all: PuppetDirectory['all'] = () => this.linked;

  private usable(): readonly Puppet[] {
    return this.linked.filter(({ trouble }) => trouble === undefined);
  }
}
