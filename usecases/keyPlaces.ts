import { BlockList, isIP } from 'node:net';
import type { ApiKey } from '../db/schema';
import { DomainError } from '../domain/errors';

/** Where a request comes from. */
export interface RequestPlace {
  /** The client's address; a proxy's is not it. Undefined once the connection is gone. */
  address: string | undefined;
  /** The site in whose name a browser asks: the `Origin`, or else the `Referer`. */
  site: string | undefined;
}

const RANGE = /^([0-9A-Fa-f.:]+)(?:\/([0-9]{1,3}))?$/;

/** An address or a range (`10.0.0.0/8`, `2001:db8::/32`), checked. Throws `invalid_request`. */
export function parseRange(text: string): string {
  const [, address = '', bits] = RANGE.exec(text) ?? [];
  const family = isIP(address);
  const widest = family === 4 ? 32 : 128;
  if (family === 0 || (bits !== undefined && Number(bits) > widest)) {
    throw new DomainError('invalid_request', `"${text}" is no address and no range of addresses.`);
  }
  return text;
}

/** The host of a site, with its port where that is not the usual one. Throws `invalid_request`. */
export function parseSite(text: string): string {
  const host = hostOf(text.includes('://') ? text : `https://${text}`);
  if (host === null) throw new DomainError('invalid_request', `"${text}" is no site.`);
  return host;
}

/**
 * Throws `ip_not_allowed` and `origin_not_allowed`. Where sites are listed, a request that names none is refused, too.
 * The list keeps other sites' scripts out; a program can name any site it likes, and only addresses keep it out.
 */
export function refusePlace(
  key: Pick<ApiKey, 'allowed_ips' | 'allowed_origins'>,
  { address, site }: RequestPlace,
): void {
  if (key.allowed_ips.length > 0 && !isWithin(address, key.allowed_ips)) {
    throw new DomainError('ip_not_allowed', 'The API key is not for use from this address.');
  }
  if (key.allowed_origins.length === 0) return;
  const host = site === undefined ? null : hostOf(site);
  if (host === null || !key.allowed_origins.includes(host)) {
    throw new DomainError('origin_not_allowed', 'The API key is not for use on this site.');
  }
}

function isWithin(address: string | undefined, ranges: readonly string[]): boolean {
  // IPv4 over a socket of both kinds.
  const plain = address?.replace(/^::ffff:(?=[0-9.]+$)/i, '') ?? '';
  const family = isIP(plain);
  if (family === 0) return false;
  const list = new BlockList();
  for (const range of ranges) {
    const [from = '', bits] = range.split('/');
    const kind = isIP(from) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(from, kind);
    else list.addSubnet(from, Number(bits), kind);
  }
  return list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

function hostOf(address: string): string | null {
  return (URL.canParse(address) && new URL(address).host) || null;
}
