import type { ChannelId, PortalId, RoomId, TeamId } from '../../../src/ids.ts';
import { portalId } from '../../../src/ids.ts';
import type { Portal, PortalPolicy, PortalStatus, PortalStore } from '../../../src/portal/ports.ts';
import { defaultPolicy } from '../../support/default-policy.ts';

/** Portals in memory. */
export class MemoryPortals implements PortalStore {
  rows: Portal[];
  constructor(...rows: readonly Portal[]) {
    this.rows = [...rows];
  }

  byRoom(room: RoomId): Portal | undefined {
    return this.all().find((each) => each.room === room);
  }

  byChannel(team: TeamId, channel: ChannelId): Portal | undefined {
    return this.all().find((each) =>
      each.channels.some((seen) => seen.team === team && seen.channel === channel),
    );
  }

  byId(id: PortalId): Portal | undefined {
    return this.all().find((each) => each.id === id);
  }

  all(): readonly Portal[] {
    return this.rows.filter((each) => each.status !== 'unlinked');
  }

  create({ room, channel, since }: Parameters<PortalStore['create']>[0]): Promise<Portal> {
    const id = portalId(this.rows.length + 1);
    const row: Portal = { id, room, status: 'pending', policy: defaultPolicy, channels: [channel], since };
    this.rows.push(row);
    return Promise.resolve(row);
  }

  setStatus(id: PortalId, status: PortalStatus, because?: string): Promise<Portal> {
    return this.change(id, ({ id: same, room, policy, channels, since }) => {
      const pausedBecause = because === undefined ? {} : { pausedBecause: because };
      return { id: same, room, policy, channels, since, status, ...pausedBecause };
    });
  }

  setPolicy(id: PortalId, change: Partial<PortalPolicy>): Promise<Portal> {
    return this.change(id, (row) => ({ ...row, policy: { ...row.policy, ...change } }));
  }

  moveChannel(id: PortalId, to: Portal['channels'][0]): Promise<Portal> {
    return this.change(id, (row) => ({ ...row, channels: [to, ...row.channels] }));
  }

  async renameChannel(team: TeamId, channel: ChannelId, name: string): Promise<void> {
    const row = this.byChannel(team, channel);
    if (row) await this.change(row.id, (each) => ({ ...each, channels: [{ ...each.channels[0], name }] }));
  }

  private change(id: PortalId, change: (row: Portal) => Portal): Promise<Portal> {
    this.rows = this.rows.map((row) => (row.id === id ? change(row) : row));
    const changed = this.rows.find((row) => row.id === id);
    return changed ? Promise.resolve(changed) : Promise.reject(new Error('no such portal'));
  }
}
