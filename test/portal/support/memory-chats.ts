import type { ChatStore, ReaderStore } from '../../../src/portal/ports.ts';
import type { SlackUserId } from '../../../src/ids.ts';

/** What is kept of chats, in memory. */
export class MemoryChats implements ChatStore {
  readonly begun = new Set<string>();
  /** Lanes with items, and their number. */
  readonly waiting = new Map<string, readonly number[]>();
  beginRoom: ChatStore['beginRoom'] = async ({ channel }) => {
    const before = this.begun.has(channel);
    this.begun.add(channel);
    return before;
  };
  endRoom: ChatStore['endRoom'] = async ({ channel }) => void this.begun.delete(channel);
  isWaiting: ChatStore['isWaiting'] = async (lane, { except, before = Infinity } = {}) =>
    (this.waiting.get(lane) ?? []).some((seq) => seq !== except && seq < before);
}

export class MemoryReaders implements ReaderStore {
  readonly known = new Map<string, readonly SlackUserId[]>();
  of: ReaderStore['of'] = ({ channel }) => this.known.get(channel) ?? [];
  add: ReaderStore['add'] = async ({ channel }, users) => {
    this.known.set(channel, [...new Set([...users, ...(this.known.get(channel) ?? [])])]);
  };
  remove: ReaderStore['remove'] = async ({ channel }, user) => {
    this.known.set(
      channel,
      (this.known.get(channel) ?? []).filter((each) => each !== user),
    );
  };
}
