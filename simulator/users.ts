import { createHash } from 'node:crypto';

/**
 * Users have a number and, per portfolio, a business-scoped id made from it. Both lead to the same user here: windows,
 * limits and opt-outs go by person, whichever way a message is addressed.
 */
export class Users {
  private readonly numbers = new Map<string, string>();

  /** The user's id for this portfolio. `user` is digits, or an id that came from outside and stays as it is. */
  bsuidOf(portfolio: string, user: string): string {
    if (!/^\d+$/.test(user)) return user;
    const hash = createHash('sha256').update(`${portfolio} ${user}`).digest('hex');
    const bsuid = `US.${BigInt(`0x${hash}`).toString().slice(0, 20)}`;
    this.numbers.set(bsuid, user);
    return bsuid;
  }

  /** Digits where the id is one that was made here. */
  userOf(address: string): string {
    return this.numbers.get(address) ?? address;
  }
}
