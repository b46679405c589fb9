import type { SlackFile } from '../../../src/events.ts';
import { fileId } from '../../../src/ids.ts';

/** A file with nothing to fetch: words stand for it. */
export function wordedFile(id: string, name: string, more: Partial<SlackFile> = {}): SlackFile {
  return { id: fileId(id), nature: 'file', name, ...more };
}

/** A file whose bytes can be had. */
export function fileOf(id: string, name: string, more: Partial<SlackFile> = {}): SlackFile {
  const url = `https://files.slack.com/files-pri/T1-${id}/${name}`;
  return wordedFile(id, name, { url, size: 1000, permalink: `https://acme.slack.com/files/${id}`, ...more });
}

export function pictureOf(id: string, name = 'a.png', more: Partial<SlackFile> = {}): SlackFile {
  return fileOf(id, name, { mimetype: 'image/png', width: 1200, height: 800, ...more });
}
