import { allows } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import { AdmitPartner } from '../operations/admit-partner.js';
import { ListRegisteredPartners } from '../operations/list-registered-partners.js';
import { UninstallPartner } from '../operations/uninstall-partner.js';
import { Desk, type Seat } from './desk.js';
import { formKey, pathOf, seated, seatedPage } from './seated.js';
import type { Refused } from './views/form.js';
import { partnersView } from './views/partners.js';
import { orAgain, type PageAnswer, type PageShown, route, typed } from './visit.js';

const PATH = '/oauth/account/:workspace/partners';
const PARTNERS_SHOWN = '50';

/** The registry of partners: install one with what it asks for, take one out. */
@Injectable()
export class PartnersPages {
  readonly routes = [
    route('GET', PATH, (visit) => seated(this.desk, (seat) => this.show(seat))(visit)),
    route('POST', PATH, (visit) => seated(this.desk, (seat) => this.take(seat))(visit)),
  ];

  constructor(
    private readonly desk: Desk,
    private readonly listPartners: ListRegisteredPartners,
    private readonly admitPartner: AdmitPartner,
    private readonly uninstallPartner: UninstallPartner,
  ) {}

  private async show(seat: Seat, refused?: Refused): Promise<PageShown> {
    const cursor = seat.visit.query.get('cursor');
    const registry = await this.list(seat, { ...(cursor && { cursor }) });
    // Those that are installed stand on the first page, wherever the registry has them.
    const installed = cursor ? [] : (await this.list(seat, { installed: 'true' })).data;
    const known = new Set(installed.map(({ slug }: { slug: string }) => slug));
    const body = partnersView({
      ...{ action: pathOf(seat, 'partners'), formToken: seat.visit.formToken, formKey, refused },
      partners: [...installed, ...registry.data.filter(({ slug }: { slug: string }) => !known.has(slug))],
      nextPage: registry.has_more
        ? `${pathOf(seat, 'partners')}?cursor=${encodeURIComponent(registry.next_cursor)}`
        : undefined,
      mayInstall: allows(seat.scopes, identity.admitPartner.scope),
    });
    return seatedPage(seat, 'Partners', body);
  }

  private list(seat: Seat, query: Record<string, string>) {
    const wanted = { query: { limit: PARTNERS_SHOWN, ...query } };
    return this.desk.ask(seat, identity.listRegisteredPartners, this.listPartners, wanted);
  }

  private take(seat: Seat): Promise<PageAnswer> {
    return orAgain(
      seat.visit,
      () => this.change(seat),
      (refused) => this.show(seat, refused),
    );
  }

  private async change(seat: Seat): Promise<PageAnswer> {
    const params = { slug: typed(seat.visit, 'slug') };
    if (typed(seat.visit, 'answer') === 'uninstall') {
      await this.desk.ask(seat, identity.uninstallPartner, this.uninstallPartner, { params });
    } else {
      await this.desk.ask(seat, identity.admitPartner, this.admitPartner, { params, body: {} });
    }
    return { redirectTo: pathOf(seat, 'partners') };
  }
}
