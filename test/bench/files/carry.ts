import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import type { MatrixUser } from '../../../sandbox/matrix-user.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import { filesIn, uploadMadeUp } from '../../support/bridge/files.ts';
import type { Rooms } from '../rooms.ts';
import type { Servers } from '../servers.ts';
import type { Copy } from './bare-copy.ts';

export type Direction = 'slack_to_matrix' | 'matrix_to_slack';

/** Takes files from one side to the other. */
export interface Carrier {
  /** By way of the bridge, in the room with this number: milliseconds from the post to its arrival. */
  bridged(direction: Direction, room: number, size: number): Promise<number>;
  /** By a bare client in a process of its own. */
  bare(direction: Direction, size: number): Promise<number>;
}

/** How long a file may take, in milliseconds. */
const patience = 600_000;

/** @param person is in the linked rooms, and sees and writes what Matrix's people do. */
export function carrier(servers: Servers, rooms: Rooms, person: MatrixUser): Carrier {
  const { slack, synapse } = servers;
  /** Made-up contents that a person uploaded before anything is measured, by size. */
  const uploads = new Map<number, Promise<string>>();
  /** Linked to no room, with the app in it. */
  const { id: bareChannel } = slack.newChannel('bare-files', { withApp: true });
  let count = 0;

  function uploaded(size: number): Promise<string> {
    const known = uploads.get(size) ?? uploadMadeUp(person, size);
    uploads.set(size, known);
    return known;
  }

  function place(index: number): Rooms['linked'][number] {
    const found = rooms.linked[index];
    if (!found) throw new Error(`There is no room ${index}.`);
    return found;
  }

  function postInSlack(index: number, name: string, size: number): string {
    const post = { channel: place(index).channel.id, user: slack.ann, text: '', files: [{ name, size }] };
    return slack.control.post(post).message.files?.[0]?.url_private ?? '';
  }

  async function toMatrix(index: number, name: string, size: number): Promise<number> {
    const { room } = place(index);
    const from = performance.now();
    postInSlack(index, name, size);
    await person.waitFor(room, () => filesIn(person, room).find((file) => file.name === name), patience);
    return performance.now() - from;
  }

  async function toSlack(index: number, name: string, size: number): Promise<number> {
    const { room, channel } = place(index);
    const url = await uploaded(size);
    const info = { size, mimetype: 'application/octet-stream' };
    const from = performance.now();
    await person.send(room, { msgtype: 'm.file', body: name, filename: name, url, info, 'm.mentions': {} });
    await eventually(
      () =>
        slack.control
          .messages({ channel: channel.id, limit: 30 })
          .some(({ files }) => files?.some((file) => file.name === name)),
      () => `${name} did not come to Slack.`,
      patience,
      25,
    );
    return performance.now() - from;
  }

  return {
    bridged(direction, index, size) {
      count += 1;
      const name = `${direction}-${count}.bin`;
      return direction === 'slack_to_matrix' ? toMatrix(index, name, size) : toSlack(index, name, size);
    },
    async bare(direction, size) {
      const { botToken } = slack.app;
      const tokens = { slackToken: botToken, matrixToken: person.accessToken, size };
      if (direction === 'matrix_to_slack') {
        const uri = (await uploaded(size)).replace(/^mxc:\/\//, '');
        const file = `${synapse.url}/_matrix/client/v1/media/download/${uri}`;
        return copy({ to: 'slack', file, api: slack.sandbox.apiUrl, channel: bareChannel, ...tokens });
      }
      count += 1;
      const post = { channel: bareChannel, user: slack.ann, text: '' };
      const { message } = slack.control.post({ ...post, files: [{ name: `bare-${count}.bin`, size }] });
      const file = message.files?.[0]?.url_private ?? '';
      return copy({ to: 'matrix', file, homeserver: synapse.url, ...tokens });
    },
  };
}

async function copy(wanted: Copy): Promise<number> {
  const script = join(import.meta.dirname, 'bare-copy.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(wanted)]);
  return Number(stdout);
}
