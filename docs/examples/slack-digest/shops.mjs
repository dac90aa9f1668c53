const nameOf = (number) => `Digest shop ${number}`;

/** The shops that the digest watches: found by name, made where they are missing. */
export async function openShops(ask, count) {
  const { data } = await ask('GET', '/api/v1/workspaces?per_page=100&search=Digest%20shop');
  const shops = [];
  for (let number = 1; number <= count; number += 1) {
    const found = data.find(({ name }) => name === nameOf(number));
    const shop = found ?? (await ask('POST', '/api/v1/workspaces', { name: nameOf(number) })).data;
    shops.push({ id: shop.id, slug: shop.slug });
  }
  return shops;
}

/**
 * A day of a shop: its switch is released, a partner and the shop itself change a price, a third step is too large
 * and waits for a person, and the switch is engaged for the night, as it is in a new workspace.
 */
export async function makeTraffic(shop, { ask, askAsPartner, partner, run }) {
  await ask('POST', `/v1/partners/${partner}/install`, {}, shop.id);
  await ask('PUT', '/v1/killswitch', { engaged: false, reason: 'a new day' }, shop.id);
  const proposal = (sku, delta) => ({
    action: 'PRICE_CHANGE',
    sku,
    delta_eur: delta,
    evidence_tier: 'A',
    evidence_ref: `digest://${run}/${sku}`,
    dry_run: false,
  });
  await askAsPartner('POST', '/v1/planner/propose', { ...proposal('linen-shirt', -1), tenant: shop.slug });
  await ask('POST', '/v1/planner/propose', proposal('linen-trousers', -2), shop.id);
  await ask('POST', '/v1/planner/propose', proposal('linen-coat', -60), shop.id);
  await ask('PUT', '/v1/killswitch', { engaged: true, reason: 'closed' }, shop.id);
}
