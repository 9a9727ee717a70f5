import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * The one place that decides where requests to addresses of our users' making may go: https, no credentials in the
 * address, public addresses only. A name is resolved once, by the connection itself, and what it resolves to is what is
 * connected to: so it cannot be public when it is checked and private afterwards. Redirects are nobody's to follow here.
 */
export interface UrlGuard {
  /** Development: any address will do. */
  readonly allowPrivate: boolean;
  /** What is wrong with the address as it is written; null when nothing is. Names are not resolved. */
  problemOf(url: string): string | null;
  /** For `connect.lookup`: resolves as the system does, and refuses names that lead to anything that is not public. */
  readonly lookup: LookupFunction;
}

export interface GuardOptions {
  /** Development only: http, and any address, this machine's own included. */
  allowPrivate: boolean;
}

/** Longest address that is taken, in characters. */
export const URL_MAX = 2_000;

export function createUrlGuard({ allowPrivate }: GuardOptions): UrlGuard {
  return {
    allowPrivate,
    problemOf(text) {
      if (text.length > URL_MAX) return `must have at most ${URL_MAX} characters`;
      if (!URL.canParse(text)) return 'is not an address';
      const { protocol, username, password, hostname } = new URL(text);
      const web = protocol === 'https:' || (allowPrivate && protocol === 'http:');
      if (!web) return 'must be an https address';
      if (username + password !== '') return 'must not contain credentials';
      return allowPrivate || isPublicHost(hostname) ? null : 'must be a public address';
    },
    lookup(hostname, options, callback) {
      // All addresses, whatever is asked for: one that is not public makes the name unfit, wherever it stands.
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '');
        if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address))) {
          const error = new Error(`${hostname} is not a public address`);
          return callback(Object.assign(error, { code: 'ENOTPUBLIC' }), '');
        }
        answer(addresses, options.all === true, callback);
      });
    },
  };
}

function answer(
  addresses: LookupAddress[],
  all: boolean,
  callback: Parameters<LookupFunction>[2],
): void {
  const [first] = addresses;
  if (all) callback(null, addresses);
  else callback(null, first?.address ?? '', first?.family);
}

/** Literal addresses are connected to without being looked up. The parser has normalized them (`0x7f.1`). */
function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes('.') && !/\.(localhost|local|internal|home\.arpa)$/i.test(host);
}

/** Everything of IANA's special-purpose registries that is not globally reachable, and what tunnels to it. */
const NOT_PUBLIC = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]);

/** Of IPv6 only this is in use for the public; mapped and translated IPv4 addresses are outside of it. */
const GLOBAL_UNICAST = blockList(['2000::/3']);

export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !NOT_PUBLIC.check(address, 'ipv4');
  return (
    family === 6 && GLOBAL_UNICAST.check(address, 'ipv6') && !NOT_PUBLIC.check(address, 'ipv6')
  );
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
