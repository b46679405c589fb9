import type { ChannelId, PortalId, RoomId, TeamId } from '../../../src/ids.ts';
import { CannotBridge } from '../../../src/errors.ts';
import { portalId } from '../../../src/ids.ts';
import type {
  NewPortal,
  Portal,
  PortalPolicy,
  PortalStatus,
  PortalStore,
  ReadThrough,
} from '../../../src/portal/ports.ts';
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

  create({ room, channel, since, kind = 'channel', through }: NewPortal): Promise<Portal> {
    if (this.byRoom(room)) throw new CannotBridge('room-linked', 'This room is linked already.');
    if (this.byChannel(channel.team, channel.channel))
      throw new CannotBridge('channel-linked', 'This channel is linked already.');
    const id = portalId(this.rows.length + 1);
    const row: Portal = {
      id,
      kind,
      through: through ?? (kind === 'channel' ? 'bot' : 'people'),
      room,
      status: 'pending',
      policy: { ...defaultPolicy, topic: defaultPolicy.topic && kind === 'channel' },
      channels: [channel],
      since,
    };
    this.rows.push(row);
    return Promise.resolve(row);
  }

  async succeed(id: PortalId, next: NewPortal): Promise<Portal> {
    await this.setStatus(id, 'unlinked');
    return this.create(next);
  }

  setStatus(id: PortalId, status: PortalStatus, because?: string): Promise<Portal> {
    return this.change(id, ({ pausedBecause: _before, ...row }) => ({
      ...row,
      status,
      ...(because !== undefined && { pausedBecause: because }),
    }));
  }

  setPolicy(id: PortalId, change: Partial<PortalPolicy>): Promise<Portal> {
    return this.change(id, (row) => ({ ...row, policy: { ...row.policy, ...change } }));
  }

  setThrough(id: PortalId, through: ReadThrough): Promise<Portal> {
    return this.change(id, (row) => ({ ...row, through }));
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
