import type { FileKey } from '../../../src/errors.ts';
import type { MatrixFile, SlackFile } from '../../../src/events.ts';
import { fileId, mxcUri } from '../../../src/ids.ts';
import type { FileId, PortalId } from '../../../src/ids.ts';
import type { FileInMatrix, FilePlace, FilePort, Transfer } from '../../../src/portal/ports.ts';

/** Brings files at once, and keeps what it was asked for. */
export class RecordedFiles implements FilePort {
  readonly asked: string[] = [];
  readonly removed: string[] = [];
  /** Files that were brought to Slack, and are to be brought anew. */
  readonly forgotten: string[] = [];
  /** By which the transfers to Slack are known. */
  readonly sources = new Set<string>();
  /** By source (`F…`, `thumbnail of F…`) or a Matrix file's name: what becomes of it instead. `never`: it is on its way for ever. */
  readonly instead = new Map<string, Error | 'never'>();
  /** What their bytes say, by id: of others Slack is right. */
  readonly mimetypes = new Map<string, string>();
  private readonly passed = new Set<FileKey>();
  private readonly clock: { now(): number };

  constructor(clock: { now(): number }) {
    this.clock = clock;
  }

  toMatrix(where: FilePlace, file: SlackFile, kind: 'file' | 'thumbnail'): Transfer<FileInMatrix> {
    const name = kind === 'file' ? file.id : `thumbnail of ${file.id}`;
    const size = file.size ?? 1000;
    const mimetype =
      kind === 'file'
        ? (this.mimetypes.get(file.id) ?? file.mimetype ?? 'application/octet-stream')
        : 'image/png';
    return this.transfer(where, `to Matrix: ${name} by ${where.by}`, name, {
      url: mxcUri(`mxc://hs/${kind}-${file.id}`),
      size,
      mimetype,
    });
  }

  toSlack(where: FilePlace, file: MatrixFile, source: string): Transfer<FileId> {
    const before = this.forgotten.filter((each) => each.startsWith(inSlack(file))).length;
    const id = fileId(`${inSlack(file)}${before > 0 ? before + 1 : ''}`);
    this.sources.add(source);
    return this.transfer(where, `to Slack: ${file.name} by ${where.by}`, file.name, id);
  }

  async pass(file: FileKey): Promise<void> {
    this.passed.add(file);
  }

  async wasPassed(file: FileKey): Promise<boolean> {
    return this.passed.has(file);
  }

  async forgetInSlack(_portal: PortalId, file: FileId): Promise<void> {
    this.forgotten.push(file);
  }

  async lostInSlack(_portal: PortalId, file: FileId): Promise<void> {
    this.forgotten.push(file);
  }

  async removeFromMatrix(portal: PortalId, file: FileId): Promise<void> {
    this.removed.push(`${file} of portal ${portal}`);
  }

  private transfer<Result>(where: FilePlace, asked: string, name: string, result: Result): Transfer<Result> {
    this.asked.push(asked);
    const instead = this.instead.get(name);
    const brought = whatBecame(instead, result);
    brought.catch(() => undefined); // nobody may be waiting for it
    return { key: `media:${where.portal}:file:${name}`, since: this.clock.now(), result: brought };
  }
}

function whatBecame<Result>(instead: Error | 'never' | undefined, result: Result): Promise<Result> {
  if (instead === 'never') return new Promise(() => undefined);
  return instead ? Promise.reject(instead) : Promise.resolve(result);
}

/** The id in Slack of a Matrix file: `FCATPNG` for `cat.png`, `FCATPNG2` when it is brought again. */
function inSlack({ name }: MatrixFile): string {
  return `F${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}`;
}
