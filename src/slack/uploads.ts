import { Readable } from 'node:stream';
import { Agent, request as send } from 'undici';
import { CannotBridge, TryLater } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import { truncate } from '../format/names.ts';
import { fileId } from '../ids.ts';
import type { OutgoingFile, SlackPort } from '../portal/ports.ts';
import { isPublicAddress, publicLookup } from './addresses.ts';
import type { Call, CallSlack } from './calls.ts';
import { maybe, textOf } from './fields.ts';
import { isBlockRefusal, renderPost } from './render-post.ts';

export interface UploadsOptions {
  readonly call: CallSlack;
  /** Hosts that may have private addresses: the configured file hosts and the API's own. */
  readonly trustedHosts: readonly string[];
}

export type Uploads = Pick<SlackPort, 'stage' | 'share' | 'removeFile'>;

/** For the transfer of a file: so many milliseconds, and one for each so many bytes. */
const transferTime = { least: 30_000, bytesPerMillisecond: 100 };
/** Slack takes no longer description of a picture. */
const longestAltText = 1000;

/**
 * Files on their way to Slack: an address is asked for, the bytes are sent there, and then the file is shared. The address
 * gets no token. It must be public, or on a host that is trusted by configuration.
 * @see https://docs.slack.dev/messaging/working-with-files#upload
 */
export function createUploads({ call, trustedHosts }: UploadsOptions): Uploads {
  const transfer = createTransfer(trustedHosts);
  return {
    stage: async (team, file, by) => {
      if (file.length === 0)
        throw new CannotBridge('empty-file', 'the file is empty, and Slack takes no empty files.');
      const args = {
        filename: file.name,
        length: file.length,
        alt_txt: file.altText === undefined ? undefined : truncate(file.altText, longestAltText),
      };
      const request = { team, by, method: 'files.getUploadURLExternal', effect: 'repeatable', args } as const;
      const answer = await call(request);
      const id = maybe(fileId, answer['file_id']);
      const address = textOf(answer['upload_url']);
      const url = address === undefined ? null : URL.parse(address);
      if (id === undefined || url === null) throw new TryLater('Slack didn’t say where the file should go');
      await transfer(url, file);
      return id;
    },
    share: async ({ team, channel }, { files, text, as, by, threadTs }) => {
      const args = {
        files,
        channel_id: channel,
        thread_ts: threadTs,
        username: as?.name,
        icon_url: as?.picture,
      };
      const method = 'files.completeUploadExternal';
      await shareWith(call, { team, by, method, effect: 'post', args }, text);
    },
    removeFile: async (team, file, by) => {
      try {
        await call({ team, by, method: 'files.delete', effect: 'repeatable', args: { file } });
      } catch (error) {
        const gone =
          error instanceof CannotBridge && ['file_not_found', 'file_deleted'].includes(error.reason);
        if (!gone) throw error;
      }
    },
  };
}

/** Blocks beside a comment would be ignored; without them, the comment alone has to do. */
async function shareWith(call: CallSlack, request: Call, text: Doc | undefined): Promise<void> {
  if (!text) {
    await call(request);
    return;
  }
  const { blocks, plainText } = renderPost({ text, emote: false });
  const plain = { ...request, args: { ...request.args, initial_comment: plainText } };
  if (blocks.length === 0) {
    await call(plain);
    return;
  }
  try {
    await call({ ...request, args: { ...request.args, blocks } });
  } catch (error) {
    if (!isBlockRefusal(error)) throw error;
    await call(plain);
  }
}

/** Sends a file's bytes to an address. */
function createTransfer(trustedHosts: readonly string[]): (url: URL, file: OutgoingFile) => Promise<void> {
  const trusted = new Set(trustedHosts.map((host) => host.toLowerCase()));
  const anywhere = new Agent();
  const publicOnly = new Agent({ connect: { lookup: publicLookup } });
  return async (url, file) => {
    const isTrusted = trusted.has(url.hostname) || trusted.has(url.host);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (!isTrusted && (url.protocol !== 'https:' || isPublicAddress(literal) === false))
      throw new CannotBridge(
        'upload-address',
        `Slack wants the file at ${url.host}, which is no public address; if that is right, add it to slack.file_hosts.`,
      );
    const counted = countedBody(file);
    try {
      const { body, statusCode } = await send(url, {
        dispatcher: isTrusted ? anywhere : publicOnly,
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(file.length) },
        body: counted.body,
        signal: AbortSignal.timeout(timeFor(file)),
      });
      void body.dump({ limit: 16 * 1024 }).catch(() => undefined);
      // a redirect is no success either, and isn't followed
      if (statusCode < 200 || statusCode > 299)
        throw new TryLater(`Slack answered the upload with status ${statusCode}`);
    } catch (thrown) {
      const error = counted.failure() ?? thrown;
      if (error instanceof CannotBridge || error instanceof TryLater) throw error;
      throw new TryLater('the file could not be brought to Slack', { cause: error });
    } finally {
      if (counted.body instanceof Readable) counted.body.on('error', () => undefined).destroy();
    }
  };
}

/** The body, cut off at its announced length; and what went wrong in it, which would be wrapped. */
function countedBody({ body, length }: OutgoingFile): {
  readonly body: Uint8Array | Readable;
  failure(): unknown;
} {
  let failure: unknown;
  if (body instanceof Uint8Array) return { body, failure: () => failure };
  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let left = length;
    try {
      for await (const chunk of chunks) {
        left -= chunk.length;
        if (left < 0) throw new TryLater('the file is longer than was announced');
        yield chunk;
      }
      if (left > 0) throw new TryLater('the file is shorter than was announced');
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return { body: Readable.from(counted(body), { objectMode: false }), failure: () => failure };
}

function timeFor({ length }: OutgoingFile): number {
  return transferTime.least + Math.ceil(length / transferTime.bytesPerMillisecond);
}
