import { inflateSync } from 'node:zlib';

/** A picture's points, four bytes each: red, green, blue, opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly points: Buffer;
}

/** By colour type: grey, colours, grey and opacity, colours and opacity. */
const CHANNELS: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 3],
  [4, 2],
  [6, 4],
]);
const MOST_POINTS = 16_000_000;

/** The plainest PNGs (eight bits a channel, no palette, not interlaced); `undefined` for any other picture. */
export function readPng(bytes: Buffer): Pixels | undefined {
  if (bytes.length < 33 || bytes.readUInt32BE(0) !== 0x89504e47) return undefined;
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const channels = CHANNELS.get(bytes[25] ?? -1);
  const isPlain = bytes[24] === 8 && bytes[28] === 0;
  if (channels === undefined || !isPlain || width * height > MOST_POINTS) return undefined;
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const body = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(body);
  }
  try {
    const most = (width * channels + 1) * height;
    const rows = inflateSync(Buffer.concat(data), { maxOutputLength: most });
    return rows.length === most
      ? { width, height, points: pointsOf(rows, width, height, channels) }
      : undefined;
  } catch {
    return undefined;
  }
}

function pointsOf(rows: Buffer, width: number, height: number, channels: number): Buffer {
  const points = Buffer.alloc(width * height * 4);
  const stride = width * channels;
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1);
    unfilter(rows, start, stride, channels);
    for (let x = 0; x < width; x += 1) {
      const from = start + 1 + x * channels;
      const value = (channel: number): number => rows[from + channel] ?? 0;
      const isGrey = channels < 3;
      const opacity = channels === 2 ? value(1) : channels === 4 ? value(3) : 255;
      points.set([value(0), value(isGrey ? 0 : 1), value(isGrey ? 0 : 2), opacity], (y * width + x) * 4);
    }
  }
  return points;
}

/** Turns a row, which holds differences to its neighbours, into values. @see https://www.w3.org/TR/png-3/#9Filter-types */
function unfilter(rows: Buffer, start: number, stride: number, channels: number): void {
  const filter = rows[start] ?? 0;
  if (filter === 0) return;
  const isFirst = start === 0;
  for (let index = 0; index < stride; index += 1) {
    const at = start + 1 + index;
    const left = index < channels ? 0 : (rows[at - channels] ?? 0);
    const up = isFirst ? 0 : (rows[at - stride - 1] ?? 0);
    const corner = isFirst || index < channels ? 0 : (rows[at - stride - 1 - channels] ?? 0);
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
    rows[at] = ((rows[at] ?? 0) + guess) & 0xff;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(guess - value));
  if ((toLeft ?? 0) <= (toUp ?? 0) && (toLeft ?? 0) <= (toCorner ?? 0)) return left;
  return (toUp ?? 0) <= (toCorner ?? 0) ? up : corner;
}
