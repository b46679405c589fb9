import { Agent, fetch } from 'undici';
import { CannotBridge, TryLater } from '../errors.ts';
import { fileId } from '../ids.ts';
import type { OutgoingFile, SlackPort } from '../portal/ports.ts';
import { isPublicAddress, publicLookup } from './addresses.ts';
import type { CallSlack } from './calls.ts';
import { maybe, textOf } from './fields.ts';

export interface UploadsOptions {
  readonly call: CallSlack;
  /** Hosts that may have private addresses: the configured file hosts and the API's own. */
  readonly trustedHosts: readonly string[];
}

export type Uploads = Pick<SlackPort, 'stage' | 'share' | 'removeFile'>;

/** For the transfer of a file: so many milliseconds, and one for each so many bytes. */
const transferTime = { least: 30_000, bytesPerMillisecond: 100 };

/**
 * Files on their way to Slack: an address is asked for, the bytes are sent there, and then the file is shared. The address
 * gets no token. It must be public, or on a host that is trusted by configuration.
 * @see https://docs.slack.dev/messaging/working-with-files#upload
 */
export function createUploads({ call, trustedHosts }: UploadsOptions): Uploads {
  const transfer = createTransfer(trustedHosts);
  return {
    stage: async (team, file) => {
      const args = { filename: file.name, length: file.length };
      const request = { team, method: 'files.getUploadURLExternal', effect: 'repeatable', args } as const;
      const answer = await call(request);
      const id = maybe(fileId, answer['file_id']);
      const address = textOf(answer['upload_url']);
      const url = address === undefined ? null : URL.parse(address);
      if (id === undefined || url === null) throw new TryLater('Slack didn’t say where the file should go');
      try {
        await transfer(url, file);
      } catch (error) {
        if (error instanceof CannotBridge || error instanceof TryLater) throw error;
        throw new TryLater('the file could not be brought to Slack', { cause: error });
      }
      return id;
    },
    share: async ({ team, channel }, { file, title, as, threadTs }) => {
      const args = {
        files: [{ id: file, title }],
        channel_id: channel,
        thread_ts: threadTs,
        username: as?.name,
        icon_url: as?.picture,
      };
      await call({ team, method: 'files.completeUploadExternal', effect: 'post', args });
    },
    removeFile: async (team, file) => {
      try {
        await call({ team, method: 'files.delete', effect: 'repeatable', args: { file } });
      } catch (error) {
        const gone =
          error instanceof CannotBridge && ['file_not_found', 'file_deleted'].includes(error.reason);
        if (!gone) throw error;
      }
    },
  };
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
    const response = await fetch(url, {
      dispatcher: isTrusted ? anywhere : publicOnly,
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(file.length) },
      body: file.body,
      duplex: 'half',
      redirect: 'error',
      signal: AbortSignal.timeout(timeFor(file)),
    });
    await response.body?.cancel();
    if (!response.ok) throw new TryLater(`Slack answered the upload with status ${response.status}`);
  };
}

function timeFor({ length }: OutgoingFile): number {
  return transferTime.least + Math.ceil(length / transferTime.bytesPerMillisecond);
}
