import { writeSync } from 'node:fs';
test('x', async () => {
  for (const m of ['@magistry/contracts','@magistry/messaging','@magistry/access','@magistry/testing','fastify','@nestjs/platform-fastify','../src/edge-adapter.ts','../src/gateway.ts','./platform.fixture.ts']) {
    writeSync(2, `import ${m}\n`); await import(m);
  }
  writeSync(2, 'imported\n');
  const p = await import('./platform.fixture.js');
  const d = await p.DoubledServices.start(); writeSync(2,'doubles\n');
  const g = await p.startTestGateway(); writeSync(2,'gateway ' + g.url + '\n');
  const r = await fetch(g.url + '/health'); writeSync(2, r.status + await r.text() + '\n');
  const s = AbortSignal.timeout(3000);
  for (const [path, headers] of [['/nope', {}], ['/v1/decisions', {}], ['/v1/decisions', p.bearer(p.KEYS.full)]] as const) { try { const r2 = await fetch(g.url + path, { headers, signal: s }); writeSync(2, r2.status + await r2.text() + '\n'); } catch (e) { writeSync(2, path + String(e) + '\n'); } }
  await g.stop(); writeSync(2,'stopped\n'); await d.stop(); writeSync(2,'ok\n');
});
