import { allows } from '@magistry/access';
import { decisions, identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Injectable } from '@nestjs/common';
import { PublicAddress } from '../domain/public-address.js';
import { IssueApiKey } from '../operations/issue-api-key.js';
import { ListApiKeys } from '../operations/list-api-keys.js';
import { RevokeApiKey } from '../operations/revoke-api-key.js';
import { Desk, type Seat } from './desk.js';
import { formKey, pathOf, seated, seatedPage } from './seated.js';
import type { Refused } from './views/form.js';
import { type KeysPage, keysView, REACHES } from './views/keys.js';
import { orAgain, type PageAnswer, type PageShown, route, typed } from './visit.js';

const PATH = '/oauth/account/:workspace/keys';

/** API keys of a workspace: see, make, revoke. */
@Injectable()
export class KeysPages {
  readonly routes = [
    route('GET', PATH, (visit) => seated(this.desk, (seat) => this.show(seat))(visit)),
    route('POST', PATH, (visit) => seated(this.desk, (seat) => this.take(seat))(visit)),
  ];

  constructor(
    private readonly desk: Desk,
    private readonly listKeys: ListApiKeys,
    private readonly issueKey: IssueApiKey,
    private readonly revokeKey: RevokeApiKey,
    private readonly address: PublicAddress,
  ) {}

  private async show(seat: Seat, told: Pick<KeysPage, 'refused' | 'made'> = {}): Promise<PageShown> {
    const query = { sort: '-id', status: 'active' };
    const { data, meta } = await this.desk.ask(seat, identity.listApiKeys, this.listKeys, { query });
    const body = keysView({
      ...{ action: pathOf(seat, 'keys'), formToken: seat.visit.formToken, formKey: formKey() },
      ...{ keys: data, hasMore: meta.last_page > 1, typed: seat.visit.form, ...told },
      mayMake: allows(seat.scopes, identity.issueApiKey.scope),
      mayRevoke: allows(seat.scopes, identity.revokeApiKey.scope),
      exampleUrl: this.address.of(decisions.listDecisions),
    });
    return seatedPage(seat, 'API keys', body);
  }

  private take(seat: Seat): Promise<PageAnswer> {
    const again = (refused: Refused) => this.show(seat, { refused });
    return orAgain(seat.visit, () => this.change(seat), again);
  }

  private async change(seat: Seat): Promise<PageAnswer> {
    if (typed(seat.visit, 'answer') === 'revoke') {
      const params = { id: typed(seat.visit, 'id') };
      await this.desk.ask(seat, identity.revokeApiKey, this.revokeKey, { params });
      return { redirectTo: pathOf(seat, 'keys') };
    }
    const reach = REACHES.find(([value]) => value === typed(seat.visit, 'reach'));
    if (!reach) throw new ProblemError('validation_failed', 'Choose what the key may do.');
    const body = { name: typed(seat.visit, 'name'), scopes: [...reach[2]] };
    const { data } = await this.desk.ask(seat, identity.issueApiKey, this.issueKey, { body });
    return this.show(seat, { made: data });
  }
}
