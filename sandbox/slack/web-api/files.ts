import type {
  FilesCompleteUploadExternalResponse,
  FilesDeleteResponse,
  FilesGetUploadURLExternalResponse,
} from '@slack/web-api';

import { createFile, deleteFile } from '../files.ts';
import { newId, newSecret } from '../ids.ts';
import { addMessage } from '../messages.ts';
import type { StoredFile, Upload } from '../model.ts';
import type { Shape } from '../shapes/vendor.ts';
import { json, limit, requiredText, text } from './arguments.ts';
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
};

const LARGEST = 1_000_000_000;

function getUploadUrl(call: Call): Answer {
  const { world, caller } = call;
  const name = requiredText(call, 'filename');
  const length = limit(call, 'length', 0, LARGEST + 1);
  if (length === 0) throw new SlackError('invalid_arguments');
  if (length > LARGEST) throw new SlackError('file_upload_size_restricted');
  const upload: Upload = {
    id: newId('F'),
    secret: newSecret(24),
    teamId: caller.team.id,
    user: caller.userId,
    name,
    length,
    bytes: undefined,
  };
  world.uploads.set(upload.id, upload);
  return {
    ok: true,
    upload_url: `${world.url}/upload/v1/${upload.id}${upload.secret}`,
    file_id: upload.id,
  } satisfies Shape<FilesGetUploadURLExternalResponse>;
}

/** Makes files of what was uploaded, and shares them where `channel_id` says, in one message. */
function completeUpload(call: Call): Answer {
  const { world } = call;
  const wanted = namedFiles(call);
  const channel = text(call, 'channel_id') === undefined ? undefined : joinedChannel(withChannel(call));
  if (channel?.archived) throw new SlackError('is_archived');
  const threadTs = text(call, 'thread_ts');
  if (threadTs !== undefined && !channel?.messages.has(threadTs)) throw new SlackError('thread_not_found');
  const comment = text(call, 'initial_comment');
  const said = {
    ...call.args,
    text: comment,
    blocks: comment === undefined ? call.args['blocks'] : undefined,
  };
  const content = readContent({ ...call, args: said });
  const made = wanted.map(({ upload, title }) => {
    world.uploads.delete(upload.id);
    return fileOf(call, upload, title);
  });
  if (channel) {
    addMessage(world, channel, {
      ...author(call),
      text: content.text ?? '',
      blocks: content.blocks,
      blocksFromText: content.blocksFromText,
      files: made.map(({ id }) => id),
      threadTs,
    });
  }
  return {
    ok: true,
    files: made.map(({ id, title }) => ({ id, title })),
  } satisfies Shape<FilesCompleteUploadExternalResponse>;
}

function withChannel(call: Call): Call {
  return { ...call, args: { ...call.args, channel: call.args['channel_id'] } };
}

interface NamedUpload {
  readonly upload: Upload;
  readonly title: string | undefined;
}

function namedFiles(call: Call): readonly NamedUpload[] {
  const given = json(call, 'files', 'invalid_arguments');
  if (!Array.isArray(given) || given.length === 0 || given.length > 10)
    throw new SlackError('invalid_arguments');
  return given.map((each: unknown) => {
    const { id, title } = (typeof each === 'object' && each !== null ? each : {}) as {
      id?: unknown;
      title?: unknown;
    };
    const upload = typeof id === 'string' ? call.world.uploads.get(id) : undefined;
    const mine = upload?.teamId === call.caller.team.id && upload.user === call.caller.userId;
    if (!upload || !mine || upload.bytes === undefined) throw new SlackError('file_not_found');
    return { upload, title: typeof title === 'string' && title !== '' ? title : undefined };
  });
}

function fileOf({ world }: Call, upload: Upload, title: string | undefined): StoredFile {
  const { id, teamId, user, name } = upload;
  const bytes = upload.bytes ?? Buffer.alloc(0);
  return createFile(world, {
    id,
    teamId,
    user,
    name,
    title,
    content: { type: 'bytes', bytes },
    size: bytes.length,
  });
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
