/** What Slack calls a type of file. */
export interface FileType {
  readonly mimetype: string;
  readonly filetype: string;
  readonly pretty: string;
  /** Shown as a snippet: a text with its first lines. */
  readonly text?: true;
}

const TYPES: ReadonlyMap<string, FileType> = new Map(
  [
    ['png', 'image/png', 'PNG'],
    ['jpg', 'image/jpeg', 'JPEG'],
    ['gif', 'image/gif', 'GIF'],
    ['webp', 'image/webp', 'WebP'],
    ['heic', 'image/heic', 'HEIC'],
    ['svg', 'image/svg+xml', 'SVG'],
    ['mp4', 'video/mp4', 'MPEG 4 Video'],
    ['mov', 'video/quicktime', 'QuickTime Movie'],
    ['webm', 'video/webm', 'WebM'],
    ['mp3', 'audio/mpeg', 'MP3'],
    ['m4a', 'audio/mp4', 'MPEG 4 Audio'],
    ['ogg', 'audio/ogg', 'OGG'],
    ['wav', 'audio/wav', 'WAV'],
    ['pdf', 'application/pdf', 'PDF'],
    ['zip', 'application/zip', 'Zip'],
    ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'Word Document'],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'Excel Spreadsheet'],
  ].map(([filetype = '', mimetype = '', pretty = '']) => [filetype, { mimetype, filetype, pretty }]),
);

const TEXTS: ReadonlyMap<string, FileType> = new Map(
  [
    ['txt', 'text', 'Plain Text'],
    ['log', 'text', 'Plain Text'],
    ['md', 'markdown', 'Markdown (raw)'],
    ['js', 'javascript', 'JavaScript'],
    ['ts', 'typescript', 'TypeScript'],
    ['py', 'python', 'Python'],
    ['go', 'go', 'Go'],
    ['rs', 'rust', 'Rust'],
    ['sh', 'shell', 'Shell'],
    ['sql', 'sql', 'SQL'],
    ['json', 'json', 'JSON'],
    ['yaml', 'yaml', 'YAML'],
    ['csv', 'csv', 'CSV'],
    ['html', 'html', 'HTML'],
    ['css', 'css', 'CSS'],
  ].map(([extension = '', filetype = '', pretty = '']) => [
    extension,
    { mimetype: 'text/plain', filetype, pretty, text: true },
  ]),
);

/** By the name alone, as Slack does it. */
export function fileTypeOf(name: string): FileType {
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const wanted = extension === 'jpeg' ? 'jpg' : extension;
  const known = TYPES.get(wanted) ?? TEXTS.get(wanted);
  if (known) return known;
  return {
    mimetype: 'application/octet-stream',
    filetype: wanted === '' ? 'binary' : wanted,
    pretty: wanted === '' ? 'Binary' : wanted.toUpperCase(),
  };
}

/** What isn't a file but looks like one in a message. */
export const pageTypes = {
  canvas: { filetype: 'quip', mode: 'quip', mimetype: 'application/vnd.slack-docs', pretty: 'Canvas' },
  list: { filetype: 'list', mode: 'list', mimetype: 'application/vnd.slack-list', pretty: 'List' },
  post: { filetype: 'space', mode: 'space', mimetype: 'application/vnd.slack-docs', pretty: 'Post' },
} as const;

export type Page = keyof typeof pageTypes;
