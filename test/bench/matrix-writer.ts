import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';

/** Writes plain messages with as little as possible between the caller and the homeserver. */
export interface MatrixWriter {
  /** Resolves when the homeserver has accepted it. `asUser`: whom an application service acts as. */
  send(room: string, text: string, asUser?: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * As today's clients, it says that nobody is mentioned: Synapse checks that, which takes it milliseconds.
 *
 * @see https://spec.matrix.org/latest/client-server-api/#user-and-room-mentions
 * @param token of a person, or of an application service.
 * @param atOnce how many requests may be under way.
 */
export function matrixWriter(url: string, token: string, atOnce: number): MatrixWriter {
  const pool = new Pool(url, { connections: atOnce });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    async send(room, text, asUser) {
      const query = asUser === undefined ? '' : `?user_id=${encodeURIComponent(asUser)}`;
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${randomUUID()}${query}`;
      const body = JSON.stringify({ msgtype: 'm.text', body: text, 'm.mentions': {} });
      const answer = await pool.request({ method: 'PUT', path, headers, body });
      const answered = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`The homeserver refused a message: ${answered}`);
    },
    close: () => pool.close(),
  };
}
