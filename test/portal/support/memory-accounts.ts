import type { MatrixUserId } from '../../../src/ids.ts';
import type { AccountChoices } from '../../../src/portal/ports.ts';

/** Choices in memory, as a database keeps them. */
export class MemoryAccounts implements AccountChoices {
  readonly chosen = new Map<string, MatrixUserId>();
  choose: AccountChoices['choose'] = async ({ fact, part }, wanted) => {
    const known = this.chosen.get(`${fact} ${part}`);
    this.chosen.set(`${fact} ${part}`, known ?? wanted);
    return known ?? wanted;
  };
  change: AccountChoices['change'] = async ({ fact, part }, account) => {
    this.chosen.set(`${fact} ${part}`, account);
  };
}
