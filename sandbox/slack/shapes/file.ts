import { squareThumbs, thumbSize, thumbSizes } from '../media/thumbnails.ts';
import type { StoredFile } from '../model.ts';
import type { World } from '../world.ts';

/** A file object in a message; of a deleted file only its tombstone, of another organisation's only its id. */
export function fileShape(world: World, file: StoredFile): FileShape {
  if (file.deleted) return { ...baseShape(file), mode: 'tombstone' };
  if (file.connect) return connectShape(file);
  return wholeShape(world, file);
}

/** What `files.info` adds: where the file is shared, and what another organisation's file is. */
export function fileInfoShape(world: World, file: StoredFile): FileShape {
  if (file.deleted) return fileShape(world, file);
  const { channels, groups, ims } = sharedIn(world, file);
  return {
    ...wholeShape(world, file),
    shares: sharesShape(world, file),
    channels,
    groups,
    ims,
    comments_count: 0,
  };
}

export interface FileShape {
  readonly id: string;
  readonly created: number;
  readonly timestamp: number;
  readonly mode: string;
  readonly name?: string;
  readonly title?: string;
  readonly size?: number;
  readonly mimetype?: string;
  readonly url_private?: string;
  readonly permalink?: string;
  readonly [field: string]: unknown;
}

function baseShape(file: StoredFile) {
  return { id: file.id, created: file.created, timestamp: file.created };
}

/** @see https://docs.slack.dev/reference/objects/file-object#slack_connect_files */
function connectShape({ id }: StoredFile): FileShape {
  return { id, created: 0, timestamp: 0, mode: 'file_access', file_access: 'check_file_info', user: '' };
}

function wholeShape(world: World, file: StoredFile): FileShape {
  const shared = sharedIn(world, file);
  return {
    ...baseShape(file),
    mode: file.mode,
    name: file.name,
    title: file.title,
    alt_txt: file.altText,
    mimetype: file.mimetype,
    filetype: file.filetype,
    pretty_type: file.pretty,
    user: file.user,
    user_team: file.teamId,
    editable: file.mode !== 'hosted' && file.mode !== 'external',
    size: file.size,
    is_external: file.external !== undefined,
    external_type: file.external?.type ?? '',
    is_public: shared.channels.length > 0,
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    ...addressesShape(world, file),
    ...mediaShape(world, file),
    ...thumbsShape(world, file),
    ...snippetShape(file),
    permalink: permalinkOf(world, file),
    permalink_public: `${world.url}/public/${file.teamId}-${file.id}`,
    is_starred: false,
    has_rich_preview: false,
    file_access: 'visible',
  };
}

function addressesShape(world: World, file: StoredFile) {
  if (file.external) {
    const { url, type } = file.external;
    return { url_private: url, external_url: url, ...(type === 'app' && { external_id: file.id }) };
  }
  const address = `${file.teamId}-${file.id}`;
  // Slack makes another container of what it records, and names that one.
  if (file.media.clip === 'audio') {
    const base = `${world.url}/files-tmb/${address}-sound`;
    const name = `${baseName(file)}_audio.mp4`;
    return { url_private: `${base}/${name}`, url_private_download: `${base}/download/${name}` };
  }
  const base = `${world.url}/files-pri/${address}`;
  const name = urlName(file.name);
  return { url_private: `${base}/${name}`, url_private_download: `${base}/download/${name}` };
}

function mediaShape(world: World, file: StoredFile) {
  const { durationMs, width, height, waveform, clip } = file.media;
  const base = `${world.url}/files-tmb/${file.teamId}-${file.id}`;
  const isVideo = clip !== 'audio' && file.mimetype.startsWith('video/');
  const isSound = clip === 'audio' || file.mimetype.startsWith('audio/');
  return {
    subtype: clip && `slack_${clip}`,
    media_display_type: isVideo ? 'video' : isSound ? 'audio' : 'unknown',
    duration_ms: durationMs,
    ...(clip === 'audio' && {
      aac: `${base}-sound/${baseName(file)}_audio.mp4`,
      audio_wave_samples: waveform,
      transcription: { status: 'none' },
    }),
    ...(isVideo &&
      width !== undefined &&
      height !== undefined && {
        thumb_video: `${base}-thumb/${baseName(file)}_thumb_video.png`,
        thumb_video_w: width,
        thumb_video_h: height,
      }),
  };
}

function snippetShape({ snippet, id, user, name }: StoredFile) {
  if (!snippet) return {};
  const { preview, lines, whole } = snippet;
  return {
    edit_link: `/files/${user}/${id}/${urlName(name)}/edit`,
    preview,
    preview_highlight: `<pre>${preview.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</pre>`,
    lines,
    lines_more: Math.max(0, lines - preview.split('\n').length),
    preview_is_truncated: !whole,
  };
}

function sharedIn(world: World, file: StoredFile) {
  const ids = { channels: [] as string[], groups: [] as string[], ims: [] as string[] };
  for (const { channelId } of file.shares) {
    const kind = world.channels.get(channelId)?.kind;
    if (kind === 'public') ids.channels.push(channelId);
    else if (kind === 'private' || kind === 'mpim') ids.groups.push(channelId);
    else if (kind === 'im') ids.ims.push(channelId);
  }
  return ids;
}

/** The messages that show it, by channel. */
function sharesShape(world: World, file: StoredFile) {
  const shares: Record<'public' | 'private', Record<string, unknown[]>> = { public: {}, private: {} };
  for (const { channelId, ts } of file.shares) {
    const channel = world.channels.get(channelId);
    const message = channel?.messages.get(ts);
    if (!channel || !message?.files.includes(file.id)) continue;
    const list = (shares[channel.kind === 'public' ? 'public' : 'private'][channelId] ??= []);
    const replies = channel.threads.get(ts) ?? [];
    const { threadTs } = message;
    list.push({
      ts,
      ...(threadTs !== undefined && threadTs !== ts && { thread_ts: threadTs }),
      reply_users: [],
      reply_users_count: 0,
      reply_count: replies.length,
      channel_name: channel.name,
      team_id: channel.teamId,
      share_user_id: message.user ?? file.user,
      source: 'UNKNOWN',
    });
  }
  return Object.fromEntries(
    Object.entries(shares).filter(([, channels]) => Object.keys(channels).length > 0),
  );
}

function thumbsShape(world: World, file: StoredFile): Readonly<Record<string, string | number>> {
  const { width, height } = file;
  if (width === undefined || height === undefined) return {};
  const base = `${world.url}/files-tmb/${file.teamId}-${file.id}-thumb`;
  const extension = file.filetype === 'jpg' ? 'jpg' : 'png';
  const shape: Record<string, string | number> = {
    image_exif_rotation: 1,
    original_w: width,
    original_h: height,
  };
  for (const size of thumbSizes) {
    const isSquare = squareThumbs.has(size);
    if (!isSquare && Math.max(width, height) <= (size === 360 ? 0 : size)) continue;
    shape[`thumb_${size}`] = `${base}/${baseName(file)}_${size}.${extension}`;
    if (isSquare) continue;
    const target = thumbSize({ width, height }, size);
    shape[`thumb_${size}_w`] = target.width;
    shape[`thumb_${size}_h`] = target.height;
  }
  // Only this one moves.
  if (file.filetype === 'gif') shape['thumb_360_gif'] = `${base}/${baseName(file)}_360.gif`;
  return shape;
}

function permalinkOf(world: World, file: StoredFile): string {
  const domain = world.teams.get(file.teamId)?.domain ?? file.teamId.toLowerCase();
  const isPage = file.mode === 'quip' || file.mode === 'list';
  return isPage
    ? `https://${domain}.slack.com/docs/${file.teamId}/${file.id}`
    : `https://${domain}.slack.com/files/${file.user}/${file.id}/${urlName(file.name)}`;
}

function baseName(file: StoredFile): string {
  return urlName(file.name.replace(/\.\w+$/, ''));
}

/** Slack's file addresses hold the name in lower case, with `_` for all but letters, digits, dots and dashes. */
function urlName(name: string): string {
  return encodeURIComponent(name.toLowerCase().replace(/[^\p{L}\p{N}.-]+/gu, '_'));
}
