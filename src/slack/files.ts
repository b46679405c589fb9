import type { SlackFile } from '../events.ts';
import { fileId } from '../ids.ts';
import type { Fields } from './fields.ts';
import { isGone } from './facts.ts';
import { fieldsOf, maybe, objectsOf, textOf } from './fields.ts';

/**
 * A file as messages and `files.info` show it. `undefined` where there is none: it has no id, or was deleted.
 *
 * @param content the whole text of a snippet, where `files.info` gave it.
 * @see https://docs.slack.dev/reference/objects/file-object
 */
export function slackFile(raw: Fields, content?: string): SlackFile | undefined {
  const id = maybe(fileId, raw['id']);
  if (id === undefined || isGone(raw)) return undefined;
  const nature = natureOf(raw);
  const common = { id, nature, ...namesOf(raw, nature) };
  switch (nature) {
    case 'file':
      return { ...common, ...bytesOf(raw), ...pictureOf(raw), ...soundOf(raw), ...snippetOf(raw, content) };
    case 'page':
      return { ...common, ...linkOf(raw), ...mailOf(raw) };
    case 'elsewhere':
      return { ...common, ...elsewhereOf(raw) };
    case 'unknown':
    case 'hidden':
      return { ...common, ...linkOf(raw) };
  }
}

/** Canvases, lists and posts have types of Slack's own, and modes that changed over time. */
const pageType = 'application/vnd.slack-';
const pageModes: ReadonlySet<unknown> = new Set(['canvas', 'docs', 'email', 'list', 'post', 'quip', 'space']);

function natureOf(raw: Fields): SlackFile['nature'] {
  const { mode } = raw;
  if (mode === 'hidden_by_limit') return 'hidden';
  if (mode === 'external' || raw['is_external'] === true) return 'elsewhere';
  if (isUntold(raw)) return 'unknown';
  const isPage = pageModes.has(mode) || textOf(raw['mimetype'])?.startsWith(pageType) === true;
  return isPage ? 'page' : 'file';
}

/**
 * Of a file of another organisation an event may tell the id alone.
 * @see https://docs.slack.dev/apis/slack-connect/using-slack-connect-api-methods#files
 */
function isUntold(raw: Fields): boolean {
  const access = textOf(raw['file_access']) ?? 'visible';
  return raw['mode'] === 'file_access' || access === 'check_file_info' || access === 'access_denied';
}

function namesOf(raw: Fields, nature: SlackFile['nature']): Pick<SlackFile, 'name' | 'title'> {
  const [name, title] = [textOf(raw['name']), textOf(raw['title'])];
  if (nature === 'page' || nature === 'elsewhere') return { name: title ?? name ?? 'Untitled' };
  return { name: name ?? title ?? 'file', ...(title !== undefined && title !== name && { title }) };
}

function linkOf(raw: Fields): Pick<SlackFile, 'permalink'> {
  const permalink = textOf(raw['permalink']);
  return permalink === undefined ? {} : { permalink };
}

function bytesOf(raw: Fields): Pick<SlackFile, 'size' | 'mimetype' | 'permalink' | 'url'> {
  const size = countOf(raw['size']);
  const mimetype = textOf(raw['mimetype']);
  const url = addressOf(raw['url_private_download']) ?? addressOf(raw['url_private']);
  return {
    ...(size !== undefined && { size }),
    ...(mimetype !== undefined && { mimetype }),
    ...linkOf(raw),
    ...(url !== undefined && { url }),
  };
}

function pictureOf(raw: Fields): Pick<SlackFile, 'width' | 'height' | 'thumbnail' | 'altText'> {
  const thumbnail = thumbnailOf(raw);
  const altText = textOf(raw['alt_txt']);
  return {
    ...sizeOf(raw, thumbnail),
    ...(thumbnail && { thumbnail }),
    ...(altText !== undefined && { altText }),
  };
}

/** A camera's picture lies on its side until it is shown: the smaller one stands as people see it. */
function sizeOf(raw: Fields, thumbnail: SlackFile['thumbnail']): Pick<SlackFile, 'width' | 'height'> {
  const width = lengthOf(raw['original_w']) ?? lengthOf(raw['thumb_video_w']);
  const height = lengthOf(raw['original_h']) ?? lengthOf(raw['thumb_video_h']);
  if (width === undefined || height === undefined) return {};
  const turned = thumbnail && (width - height) * (thumbnail.width - thumbnail.height) < 0;
  return turned ? { width: height, height: width } : { width, height };
}

/** Larger ones take as long as the picture itself, the square ones (64, 80, 160) show a part of it. */
const thumbnailSizes = ['thumb_800', 'thumb_720', 'thumb_480', 'thumb_360', 'thumb_video'] as const;

function thumbnailOf(raw: Fields): SlackFile['thumbnail'] {
  for (const key of thumbnailSizes) {
    const url = addressOf(raw[key]);
    const width = lengthOf(raw[`${key}_w`]);
    const height = lengthOf(raw[`${key}_h`]);
    if (url !== undefined && width !== undefined && height !== undefined) return { url, width, height };
  }
  return undefined;
}

const mostLevels = 100;

function soundOf(raw: Fields): Pick<SlackFile, 'duration' | 'voice' | 'waveform'> {
  const duration = countOf(raw['duration_ms']);
  const isVoice = raw['subtype'] === 'slack_audio';
  const samples: unknown = raw['audio_wave_samples'];
  const waveform = Array.isArray(samples) ? levelsOf(samples) : [];
  return {
    ...(duration !== undefined && { duration }),
    ...(isVoice && { voice: true }),
    ...(isVoice && waveform.length > 0 && { waveform }),
  };
}

function levelsOf(samples: readonly unknown[]): readonly number[] {
  return samples
    .slice(0, mostLevels)
    .map((level) => (typeof level === 'number' ? Math.min(100, Math.max(0, Math.round(level))) : 0));
}

/** Slack names the language of a snippet like the end of a file's name. */
const plainLanguages: ReadonlySet<string> = new Set(['text', 'txt', 'plain', 'auto', 'none', 'binary']);

function snippetOf(raw: Fields, content: string | undefined): Pick<SlackFile, 'snippet'> {
  if (raw['mode'] !== 'snippet') return {};
  const text = content ?? textOf(raw['preview']);
  if (text === undefined) return {};
  const language = textOf(raw['filetype']);
  const whole =
    content !== undefined ||
    (raw['preview_is_truncated'] === false && (countOf(raw['lines_more']) ?? 0) === 0);
  return {
    snippet: {
      ...(language !== undefined &&
        /^[\w+#-]{1,30}$/.test(language) &&
        !plainLanguages.has(language) && { language }),
      text,
      whole,
    },
  };
}

/** @see https://slack.com/help/articles/206819278-Send-emails-to-Slack */
function mailOf(raw: Fields): Pick<SlackFile, 'mail'> {
  if (raw['mode'] !== 'email') return {};
  const [sender] = objectsOf(raw['from']);
  const from = sender && (textOf(sender['original']) ?? textOf(sender['name']) ?? textOf(sender['address']));
  const text = textOf(raw['plain_text']) ?? textOf(raw['preview_plain_text']);
  return { mail: { ...(from !== undefined && { from }), ...(text !== undefined && { text }) } };
}

const services: Readonly<Record<string, string>> = {
  box: 'Box',
  dropbox: 'Dropbox',
  gdrive: 'Google Drive',
  onedrive: 'OneDrive',
  sharepoint: 'SharePoint',
};

/** What an app's own file is called there stands in the app's name. */
function elsewhereOf(raw: Fields): Pick<SlackFile, 'permalink' | 'service'> {
  const type = textOf(raw['external_type']) ?? '';
  const known = Object.hasOwn(services, type) ? services[type] : undefined;
  const service = known ?? textOf(raw['app_name']) ?? textOf(fieldsOf(raw['app'])['name']);
  const there = addressOf(raw['external_url']) ?? addressOf(raw['url_private']) ?? textOf(raw['permalink']);
  return { ...(service !== undefined && { service }), ...(there !== undefined && { permalink: there }) };
}

/** An http(s) address as Slack writes it. */
function addressOf(value: unknown): string | undefined {
  const url = textOf(value);
  return url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Pixels. */
function lengthOf(value: unknown): number | undefined {
  const length = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
  const count = countOf(length);
  return count === undefined || count === 0 || count > 100_000 ? undefined : count;
}
