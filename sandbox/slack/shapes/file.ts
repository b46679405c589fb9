import type { StoredFile } from '../model.ts';
import type { World } from '../world.ts';

const THUMB_SIZES = [64, 80, 160, 360, 480, 720, 800, 960, 1024] as const;
/** Slack cuts these to a square. */
const SQUARE_THUMBS: ReadonlySet<number> = new Set([64, 80, 160]);

/** A file object; of a deleted file only its tombstone. */
export function fileShape(world: World, file: StoredFile) {
  if (file.deleted) return { ...baseShape(file), mode: 'tombstone' as string };
  const address = `${file.teamId}-${file.id}`;
  const name = urlName(file.name);
  const shared = sharedIn(world, file);
  return {
    ...baseShape(file),
    mode: 'hosted' as string,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.filetype,
    pretty_type: file.filetype.toUpperCase(),
    user: file.user,
    user_team: file.teamId,
    editable: false,
    size: file.size,
    is_external: false,
    external_type: '',
    is_public: shared.channels.length > 0,
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    url_private: `${world.url}/files-pri/${address}/${name}`,
    url_private_download: `${world.url}/files-pri/${address}/download/${name}`,
    media_display_type: 'unknown',
    ...thumbsShape(world, file),
    permalink: `${world.url}/files/${file.user}/${file.id}/${name}`,
    permalink_public: `${world.url}/public/${address}`,
    is_starred: false,
    has_rich_preview: false,
    file_access: 'visible',
  };
}

/** What `files.info` adds: where the file is shared. */
export function fileInfoShape(world: World, file: StoredFile) {
  const { channels, groups, ims } = sharedIn(world, file);
  return { ...fileShape(world, file), channels, groups, ims, comments_count: 0 };
}

function baseShape(file: StoredFile) {
  return { id: file.id, created: file.created, timestamp: file.created };
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

function thumbsShape(world: World, file: StoredFile): Readonly<Record<string, string | number>> {
  const { width, height } = file;
  if (width === undefined || height === undefined) return {};
  const base = `${world.url}/files-tmb/${file.teamId}-${file.id}-thumb`;
  const name = urlName(file.name.replace(/\.\w+$/, ''));
  const shape: Record<string, string | number> = {
    image_exif_rotation: 1,
    original_w: width,
    original_h: height,
  };
  for (const size of THUMB_SIZES) {
    if (!SQUARE_THUMBS.has(size) && Math.max(width, height) <= (size === 360 ? 0 : size)) continue;
    shape[`thumb_${size}`] = `${base}/${name}_${size}.png`;
    if (SQUARE_THUMBS.has(size)) continue;
    const scale = Math.min(1, size / Math.max(width, height));
    shape[`thumb_${size}_w`] = Math.max(1, Math.round(width * scale));
    shape[`thumb_${size}_h`] = Math.max(1, Math.round(height * scale));
  }
  return shape;
}

/** Slack's file addresses hold the name in lower case, with `_` for all but letters, digits, dots and dashes. */
function urlName(name: string): string {
  return encodeURIComponent(name.toLowerCase().replace(/[^\p{L}\p{N}.-]+/gu, '_'));
}
