import { z } from 'zod';
import type { ChatStore } from '../portal/ports.ts';
import type { Reader } from './reader.ts';

const begin = {
  name: 'begin_chat_room',
  text: `insert into chat_room (team, channel) values ($1, $2) on conflict do nothing returning true as begun`,
};
const end = { name: 'end_chat_room', text: 'delete from chat_room where team = $1 and channel = $2' };
const waiting = {
  name: 'waiting_in_lane',
  text: `select exists (select from inbox where lane = $1 and state = 'ready' and seq <> $2 and seq < $3) as waiting`,
};
const waitingRows = z.tuple([z.object({ waiting: z.boolean() })]);

export function createChats(reader: Reader): ChatStore {
  return {
    beginRoom: async ({ team, channel }) => (await reader.query(begin, [team, channel])).length === 0,
    async endRoom({ team, channel }) {
      await reader.query(end, [team, channel]);
    },
    isWaiting: async (lane, { except = 0, before = Number.MAX_SAFE_INTEGER } = {}) =>
      waitingRows.parse(await reader.query(waiting, [lane, except, before]))[0].waiting,
  };
}
