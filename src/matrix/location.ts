import type { Doc, Inline } from '../format/doc.ts';
import { link, paragraph, text } from '../format/doc.ts';
import { objectAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** Where in the world, in degrees of WGS 84. */
interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * A place that somebody shares: what they call it, and its coordinates as a link to a map. `undefined` where the content
 * has none that can be read; its `body` is all there is then.
 *
 * @see https://spec.matrix.org/latest/client-server-api/#mlocation
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/3488
 */
export function locationDoc(content: JsonObject): Doc | undefined {
  const extended = [objectAt(content, 'm.location'), objectAt(content, 'org.matrix.msc3488.location')];
  const addresses = [...extended.map((each) => textAt(each, 'uri')), textAt(content, 'geo_uri')];
  const place = addresses.map((address) => (address === undefined ? undefined : parseGeoUri(address)));
  const found = place.find((each) => each !== undefined);
  if (!found) return undefined;
  const described = extended.map((each) => textAt(each, 'description')?.trim()).find(Boolean);
  const name = described ?? nameIn(textAt(content, 'body') ?? '');
  const before: readonly Inline[] = name === '' ? [text('📍 ')] : [text(`📍 ${name}: `)];
  return { blocks: [paragraph(...before, link(mapAddress(found), [text(shown(found))]))] };
}

/** Clients write the address into the text for those that don't know locations: that says nothing more. */
function nameIn(body: string): string {
  return /\bgeo:/i.test(body) ? '' : body.trim();
}

/**
 * A `geo:` URI, such as `geo:51.5008,-0.1247;u=35`; altitude and accuracy aren't kept. `undefined` for anything else, and
 * for coordinates of another system than WGS 84 or beyond the earth.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5870
 */
function parseGeoUri(address: string): Coordinates | undefined {
  const number = String.raw`-?\d{1,3}(?:\.\d{1,20})?`;
  const pattern = new RegExp(
    `^geo:(${number}),(${number})(?:,-?\\d{1,9}(?:\\.\\d{1,20})?)?((?:;[^;\\s]{1,100}){0,10})$`,
    'i',
  );
  const [, latitude, longitude, parameters = ''] = pattern.exec(address) ?? [];
  if (latitude === undefined || longitude === undefined) return undefined;
  const system = /;crs=([^;]*)/i.exec(parameters)?.[1];
  if (system !== undefined && system.toLowerCase() !== 'wgs84') return undefined;
  const place = { latitude: Number(latitude), longitude: Number(longitude) };
  return Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180 ? place : undefined;
}

/** A millionth of a degree is less than a step. */
function degrees(value: number): string {
  return String(Number(value.toFixed(6)) + 0); // + 0: there is no minus zero on a map
}

function shown({ latitude, longitude }: Coordinates): string {
  return `${degrees(latitude)}, ${degrees(longitude)}`;
}

function mapAddress({ latitude, longitude }: Coordinates): string {
  const [lat, lon] = [degrees(latitude), degrees(longitude)];
  return `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=16/${lat}/${lon}`;
}
