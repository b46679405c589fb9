import type { MatrixFile, MatrixMessage, MatrixReaction } from '../events.ts';
import { readSlackAddress } from '../format/slack-address.ts';
import { eventId, InvalidId, matrixUserId, mxcUri } from '../ids.ts';
import type { AuthorId, EventId, MatrixUserId, PortalId, RoomId, Ts } from '../ids.ts';
import { createEchoMarks } from '../matrix/echo-mark.ts';
import { neutralEvent } from '../matrix/inbound.ts';
import { countAt, numberAt, objectAt, textAt } from '../matrix/json.ts';
import type { JsonObject } from '../matrix/json.ts';
import { readReaction } from '../matrix/reaction.ts';
import { captionKey, fileKey, transactionIds, transactionKey } from '../matrix/transaction-id.ts';
import { isCopy } from '../portal/from-slack/parts.ts';
import type { FileInMatrix, PartName } from '../portal/ports.ts';

/** Our copy of a message in Slack. */
interface Copy {
  readonly event: EventId;
  readonly sender: MatrixUserId;
  /** Who wrote it in Slack, where a person's double puppet sent it. */
  readonly author?: AuthorId;
  readonly ts: Ts;
  readonly threadTs?: Ts;
  readonly part: PartName;
  /** The text that stands beside the file. */
  readonly caption?: PartName;
  /** What the homeserver has of the file. */
  readonly media?: ShownMedia;
}

/** A file as an event of ours shows it. */
export interface ShownMedia {
  readonly file: FileInMatrix;
  readonly thumbnail?: FileInMatrix;
}

/** What one of our users did to an event, or a person wrote. */
interface Deed {
  readonly event: EventId;
  readonly sender: MatrixUserId;
  readonly target: EventId;
  /** For whom of Slack a person's double puppet did it. */
  readonly author?: AuthorId;
}

/** What a room shows of what was bridged, by ids. */
export interface Trace {
  readonly copies: readonly Copy[];
  readonly edits: readonly Deed[];
  readonly reactions: readonly (Deed & MatrixReaction)[];
  /** Events that we redacted. */
  readonly takenBack: readonly EventId[];
  /** What people wrote, and their edits of it: `target` is the event that people see. */
  readonly written: readonly Written[];
}

interface Written extends Deed {
  readonly at: number;
  /** Absent: none, or it was removed. */
  readonly files?: readonly MatrixFile[];
  readonly speaker?: NonNullable<MatrixMessage['speaker']>;
}

/** Texts that don't fit one event have up to so many parts. */
const mostTexts = 20;

export interface TraceOptions {
  readonly portal: PortalId;
  readonly room: RoomId;
  readonly bridgeId: string;
  readonly isOurs: (user: MatrixUserId) => boolean;
}

/**
 * Collects what the bridge and people did in a portal's room. A copy is known by the address of its original and by the
 * transaction id that only this bridge can have made for just that part. What we did as people's double puppets is known
 * by its mark.
 */
export function createTrace({ portal, room, bridgeId, isOurs }: TraceOptions) {
  const partOf = partsBy(bridgeId, portal);
  const marks = createEchoMarks(bridgeId);
  const [copies, edits, reactions, takenBack, written]: [
    Copy[],
    Deed[],
    (Deed & MatrixReaction)[],
    EventId[],
    Written[],
  ] = [[], [], [], [], []];

  function addOurs(deed: Omit<Deed, 'target'>, raw: JsonObject): void {
    const content = objectAt(raw, 'content');
    const relation = objectAt(content, 'm.relates_to');
    const target = idIn(relation['event_id']);
    if (raw['type'] === 'm.room.redaction') {
      const redacted = idIn(content['redacts'] ?? raw['redacts']);
      if (redacted !== undefined) takenBack.push(redacted);
    } else if (raw['type'] === 'm.reaction') {
      const shown = readReaction(content);
      if (target !== undefined && shown) reactions.push({ ...deed, target, ...shown });
    } else if (relation['rel_type'] === 'm.replace') {
      if (target !== undefined) edits.push({ ...deed, target });
    } else {
      const original = readSlackAddress(textAt(content, 'external_url') ?? '');
      const part = original && partOf(original.ts, content);
      if (!original || !part) return;
      const { ts, threadTs } = original;
      const caption = captionOf(part, content);
      const media = mediaIn(content);
      const copy = { ...deed, part, ts, ...(media && { media }) };
      copies.push({ ...copy, ...(caption && { caption }), ...(threadTs !== undefined && { threadTs }) });
    }
  }

  return {
    copies,
    edits,
    reactions,
    takenBack,
    written,
    add(raw: JsonObject): void {
      if (raw['state_key'] !== undefined) return;
      const event = idIn(raw['event_id']);
      const sender = orNothing(() => matrixUserId(raw['sender']));
      if (event === undefined || sender === undefined) return;
      const author = marks.authorOf({ room_id: room, ...raw });
      if (author !== undefined || isOurs(sender))
        return addOurs({ event, sender, ...(author !== undefined && { author }) }, raw);
      if (raw['type'] === 'm.room.redaction') return;
      const relation = objectAt(objectAt(raw, 'content'), 'm.relates_to');
      const edited = relation['rel_type'] === 'm.replace' ? idIn(relation['event_id']) : undefined;
      const at = numberAt(raw, 'origin_server_ts') ?? 0;
      written.push({ event, sender, target: edited ?? event, at, ...saidIn(raw, room) });
    },
  } satisfies Trace & { add(raw: JsonObject): void };
}

/** Which part of a message an event of ours is, if it is one. */
function partsBy(bridgeId: string, portal: PortalId) {
  const transactionId = transactionIds(bridgeId);
  return (ts: Ts, content: JsonObject): PartName | undefined => {
    const transaction = textAt(content, transactionKey);
    const fact = `slack:${portal}:message:${ts}`;
    return candidates(content).find((part) => transactionId('send', { fact, part }) === transaction);
  };
}

function saidIn(raw: JsonObject, room: RoomId): Pick<Written, 'files' | 'speaker'> {
  const event = orNothing(() => neutralEvent({ ...raw, room_id: room }));
  const message = event?.type === 'edit' ? event.message : event;
  if (!message || !('files' in message)) return {};
  const { files, speaker } = message;
  return { ...(files && { files }), ...(speaker && { speaker }) };
}

function mediaIn(content: JsonObject): ShownMedia | undefined {
  const info = objectAt(content, 'info');
  const file = fileIn(content['url'], info);
  const thumbnail = fileIn(info['thumbnail_url'], objectAt(info, 'thumbnail_info'));
  return file && { file, ...(thumbnail && { thumbnail }) };
}

function fileIn(address: unknown, info: JsonObject): FileInMatrix | undefined {
  const url = orNothing(() => mxcUri(address));
  const [size, mimetype] = [countAt(info, 'size'), textAt(info, 'mimetype')];
  return url === undefined || size === undefined || mimetype === undefined
    ? undefined
    : { url, size, mimetype };
}

function captionOf(part: PartName, content: JsonObject): PartName | undefined {
  const filename = textAt(content, 'filename');
  if (content[captionKey] === true) return isCopy(part) ? 'channel:text' : 'text';
  if (filename === undefined || textAt(content, 'body') === filename) return undefined;
  return isCopy(part) ? 'channel:text' : 'text';
}

/** The parts that an event may be: a text, or a file that it names; in its thread or beside it. */
function candidates(content: JsonObject): readonly PartName[] {
  const texts = Array.from({ length: mostTexts }, (_, index) =>
    index === 0 ? ('text' as const) : (`text.${index}` as const),
  );
  const named = textAt(content, fileKey) ?? '';
  const shown = `${named} ${textAt(content, 'body') ?? ''} ${textAt(content, 'formatted_body') ?? ''}`;
  const files = new Set(shown.match(/\bF[A-Z0-9]{6,20}\b/g));
  const parts = [...texts, ...[...files].slice(0, mostTexts).map((file) => `file:${file}` as const)];
  return [...parts, ...parts.map((part): PartName => `channel:${part}`)];
}

function idIn(value: unknown): EventId | undefined {
  return orNothing(() => eventId(value));
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidId) return undefined; // anybody may write anything there
    throw error;
  }
}
