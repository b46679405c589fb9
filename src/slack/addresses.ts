import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { BlockList, isIP } from 'node:net';

/** Networks that are not the public internet. @see https://www.iana.org/assignments/iana-ipv4-special-registry */
const reserved = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  reserved.addSubnet(network, bits, 'ipv4');

/** The public part of IPv6, and within it what isn't or what leads to IPv4 addresses inside. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  reserved.addSubnet(network, bits, 'ipv6');

/** Whether an IP address belongs to the public internet; `undefined` for what is no IP address. */
export function isPublicAddress(address: string): boolean | undefined {
  switch (isIP(address)) {
    case 4:
      return !reserved.check(address, 'ipv4');
    case 6:
      return globalUnicast.check(address, 'ipv6') && !reserved.check(address, 'ipv6');
    default:
      return undefined;
  }
}

/** Resolves names like the system does, but only to public addresses: a name with none of these isn't found. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const found = (error === null ? addresses : []).filter((each) => isPublicAddress(each.address) === true);
    const [first] = found;
    if (first === undefined) {
      const why = new Error(
        `${hostname} has no public address; if that is right, add it to slack.file_hosts`,
      );
      return callback(error ?? why, '', 0);
    }
    return options.all === true ? callback(null, found) : callback(null, first.address, first.family);
  });
};
