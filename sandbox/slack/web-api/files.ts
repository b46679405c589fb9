import type {
  FilesCompleteUploadExternalResponse,
  FilesDeleteResponse,
  FilesGetUploadURLExternalResponse,
  FilesInfoResponse,
} from '@slack/web-api';

import { createFile, deleteFile, mayRead } from '../files.ts';
import { newId, newSecret } from '../ids.ts';
import { addMessage } from '../messages.ts';
import type { Channel, StoredFile, Upload } from '../model.ts';
import { fileInfoShape } from '../shapes/file.ts';
import type { Shape } from '../shapes/vendor.ts';
import { json, limit, list, requiredText, text } from './arguments.ts';
import { author } from './author.ts';
import { method, SlackError } from './call.ts';
import type { Answer, Call, Methods } from './call.ts';
import { readContent } from './content.ts';
import { joinedChannel } from './lookup.ts';

/** @see https://docs.slack.dev/messaging/working-with-files#upload */
export const files: Methods = {
  'files.getUploadURLExternal': method(100, ['files:write'], getUploadUrl),
  'files.completeUploadExternal': method(100, ['files:write'], completeUpload),
  'files.delete': method(50, ['files:write'], remove),
  'files.info': method(100, ['files:read'], info),
  'files.list': method(50, ['files:read'], listFiles),
};

const MOST_FILES = 10;
const LONGEST_ALT_TEXT = 1000;

function getUploadUrl(call: Call): Answer {
  const { world, caller, settings } = call;
  const name = requiredText(call, 'filename');
  const length = limit(call, 'length', 0, settings.largestFile + 1);
  if (length === 0) throw new SlackError('invalid_arguments');
  if (length > settings.largestFile) throw new SlackError('file_upload_size_restricted');
  const altText = text(call, 'alt_txt') ?? text(call, 'alt_text');
  if ((altText?.length ?? 0) > LONGEST_ALT_TEXT) throw new SlackError('alt_txt_too_large');
  const upload: Upload = {
    id: newId('F'),
    secret: newSecret(24),
    teamId: caller.team.id,
    user: caller.userId,
    name,
    altText,
    length,
    arrived: undefined,
  };
  world.uploads.set(upload.id, upload);
  return {
    ok: true,
    upload_url: `${world.url}/upload/v1/${upload.id}${upload.secret}`,
    file_id: upload.id,
  } satisfies Shape<FilesGetUploadURLExternalResponse>;
}

/**
 * Makes files of what was uploaded, and shares them where `channel_id` or `channels` say, in one message for each channel.
 * The messages are there some time after the answer, which doesn't name them.
 */
function completeUpload(call: Call): Answer {
  const { world } = call;
  const wanted = namedFiles(call);
  const channels = sharedTo(call);
  const threadTs = text(call, 'thread_ts');
  if (threadTs !== undefined && !channels[0]?.messages.has(threadTs))
    throw new SlackError('thread_not_found');
  const comment = text(call, 'initial_comment');
  const said = {
    ...call.args,
    text: comment,
    blocks: comment === undefined ? call.args['blocks'] : undefined,
  };
  const content = readContent({ ...call, args: said });
  const made = wanted.map(({ upload, arrived, title, altText }) => {
    world.uploads.delete(upload.id);
    const { id, user, name } = upload;
    const { id: teamId } = call.caller.team; // an organisation's token stages for none
    return createFile(world, {
      id,
      teamId,
      user,
      name,
      title,
      altText: altText ?? upload.altText,
      ...arrived,
    });
  });
  const draft = {
    ...sharer(call),
    text: content.text ?? '',
    blocks: content.blocks,
    blocksFromText: content.blocksFromText,
    files: made.map(({ id }) => id),
    threadTs,
  };
  if (channels.length > 0)
    call.later(call.settings.shareDelayMs, () => {
      for (const channel of channels) addMessage(world, channel, draft);
    });
  return {
    ok: true,
    files: made.map(({ id, title }) => ({ id, title })),
  } satisfies Shape<FilesCompleteUploadExternalResponse>;
}

/** What a person shares shows no trace of the app, unlike what they post by it. */
function sharer(call: Call): ReturnType<typeof author> {
  const { token, userId } = call.caller;
  if (token.kind !== 'user') return author(call);
  const nobody = { botId: undefined, appId: undefined, username: undefined, icons: undefined };
  return { ...nobody, user: userId, subtype: undefined };
}

/** The channels where the files are shared; none: they stay private. */
function sharedTo(call: Call): readonly Channel[] {
  const one = text(call, 'channel_id');
  const named = one === undefined ? list(call, 'channels') : [one];
  return named.map((id) => {
    const channel = joinedChannel({ ...call, args: { ...call.args, channel: id } });
    if (channel.archived) throw new SlackError('is_archived');
    return channel;
  });
}

interface NamedUpload {
  readonly upload: Upload;
  readonly arrived: NonNullable<Upload['arrived']>;
  readonly title: string | undefined;
  readonly altText: string | undefined;
}

function namedFiles(call: Call): readonly NamedUpload[] {
  const given = json(call, 'files', 'invalid_arguments');
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST_FILES)
    throw new SlackError('invalid_arguments');
  return given.map((each: unknown) => {
    const fields = typeof each === 'object' && each !== null ? (each as Record<string, unknown>) : {};
    const own = { args: fields };
    const upload = call.world.uploads.get(text(own, 'id') ?? '');
    const { team, token, userId } = call.caller;
    const mine = upload?.user === userId && (upload.teamId === team.id || token.organisation !== undefined);
    if (!upload || !mine || upload.arrived === undefined) throw new SlackError('file_not_found');
    return { upload, arrived: upload.arrived, title: text(own, 'title'), altText: text(own, 'alt_txt') };
  });
}

/** A file that the caller sees in no channel is as good as none. */
function info(call: Call): Answer {
  const file = call.world.files.get(requiredText(call, 'file', 'file_not_found'));
  if (!file || file.teamId !== call.caller.team.id) throw new SlackError('file_not_found');
  if (file.deleted) throw new SlackError('file_deleted');
  if (!isVisible(call, file)) throw new SlackError('file_not_found');
  return {
    ok: true,
    file: fileInfoShape(call.world, file),
    comments: [],
    ...(file.snippet && {
      content: file.snippet.text,
      is_truncated: Buffer.byteLength(file.snippet.text) < file.size,
    }),
    response_metadata: { next_cursor: '' },
  } satisfies Omit<Shape<FilesInfoResponse>, 'file'> & { readonly file: object };
}

/** The youngest first, by page. */
function listFiles(call: Call): Answer {
  const [channel, user] = [text(call, 'channel'), text(call, 'user')];
  const [from, to] = [Number(text(call, 'ts_from') ?? 0), Number(text(call, 'ts_to') ?? Infinity)];
  const found = [...call.world.files.values()]
    .filter((file) => file.teamId === call.caller.team.id && !file.deleted && isVisible(call, file))
    .filter((file) => channel === undefined || file.shares.some(({ channelId }) => channelId === channel))
    .filter((file) => user === undefined || file.user === user)
    .filter(({ created }) => created >= from && created <= to)
    .toReversed();
  const count = limit(call, 'count', 100, 1000);
  const page = limit(call, 'page', 1, 100);
  const pages = Math.ceil(found.length / count);
  return {
    ok: true,
    files: found.slice((page - 1) * count, page * count).map((file) => fileInfoShape(call.world, file)),
    paging: { count, total: found.length, page, pages },
  };
}

function isVisible(call: Call, file: StoredFile): boolean {
  return mayRead(call.world, call.caller.userId, file);
}

/** Bots delete their own files only. What was uploaded and never shared is no file yet. */
function remove(call: Call): Answer {
  const file = call.world.files.get(requiredText(call, 'file', 'file_not_found'));
  if (!file || file.teamId !== call.caller.team.id) throw new SlackError('file_not_found');
  if (file.deleted) throw new SlackError('file_deleted');
  if (file.user !== call.caller.userId) throw new SlackError('cant_delete_file');
  deleteFile(call.world, file);
  return { ok: true } satisfies Shape<FilesDeleteResponse>;
}
