import { randomBytes } from 'node:crypto';

/**
 * Message ids of the real shape: base64 of a small record that holds the other party's digits, which is
 * why the product treats them as personal data.
 */
const FRAMES = {
  outbound: { lead: '\x15\x02\x00\x11\x18\x12', hexLength: 18 },
  inbound: { lead: '\x15\x02\x00\x12\x18\x14', hexLength: 20 },
};

/** A source of ids that never repeat, also not after the simulator was started again. */
export function wamidSource(): (direction: keyof typeof FRAMES, digits: string) => string {
  const run = randomBytes(5).toString('hex').toUpperCase();
  let last = 0;
  return (direction, digits) => {
    last += 1;
    const { lead, hexLength } = FRAMES[direction];
    const unique =
      run +
      last
        .toString(16)
        .toUpperCase()
        .padStart(hexLength - run.length, '0');
    const record = `\x1c\x18${String.fromCharCode(digits.length)}${digits}${lead}${unique}\x00`;
    return `wamid.${Buffer.from(record, 'latin1').toString('base64')}`;
  };
}
