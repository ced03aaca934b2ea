import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
const f = JSON.parse(readFileSync('/tmp/p4/facts.json'));
const ids = k => readFileSync(`/tmp/p4/${k}.ids`, 'utf8').trim().split(/\s+/);
const [convoy, leg] = ids('ministry'), [arrived] = ids('centre');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic', '--no-first-run'] });
const only = process.argv[2];
const m = 'http://127.0.0.1:26820', c = 'http://127.0.0.1:26830';
async function login(page, base, user, pw, purpose) {
  await page.goto(base + '/login'); await page.fill('#user', user); await page.fill('#password', pw); await page.click('main button.go'); await page.waitForURL('**/today');
  await page.goto(base + '/purpose?next=/today'); await page.check(`input[value="${purpose}"]`); await page.click('main button.go'); await page.waitForURL('**/today');
}
async function search(page, url, name, more) {
  await page.goto(url); await page.fill('#s-name', name); await page.click('form[action="/search"] button'); await page.waitForURL('**/search/*');
}
for (const width of [390, 1280]) {
  const ctx = await browser.newContext({ viewport: { width, height: 900 } });
  for (const base of [f.url, m, c]) await ctx.addCookies([{ name: 'jisr-lang', value: 'ar', url: base }]);
  const page = await ctx.newPage(); page.setDefaultTimeout(15000);
  const shot = async n => { if (only && !n.includes(only)) return; const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth); console.log(n, width, wide ? 'WIDE' : ''); await page.screenshot({ path: `/tmp/p4/${n}-${width}.png`, fullPage: true }); };
  await login(page, f.url, 'registrar', 'demo-registrar-camp.sy', 'registration/mandate');
  await page.goto(f.url + '/r/person'); await shot('people');
  await page.click('form[action="/search"] summary'); await shot('people-more');
  await search(page, f.url + '/r/person', 'Evdirehman Mihemed'); await shot('found');
  await search(page, f.url + '/r/person', 'Wolfgang'); await shot('nobody');
  await page.fill('form[action="/search"] >> nth=1 >> input[name=name]', 'عبد الرحمن محمد').catch(() => {});
  await page.goto(f.url + '/r/person/new'); await page.fill('#f-name', 'Abdurrahman Mohammed Salih'); await page.fill('#f-mother_name', 'Fatma Hassan'); await page.selectOption('#f-sex', '1'); await page.fill('#f-birth', '1980'); await page.click('main form button.go'); await page.waitForLoadState(); await shot('twins');
  for (const [k, id] of Object.entries(f.claims)) { await page.goto(f.url + '/claims/' + id); await shot('claim-' + k); }
  await page.goto(f.url + '/claims/' + f.claims.asked + '/same'); await shot('claim-reason');
  await page.goto(f.url + f.people[8]); await shot('merged');
  await page.goto(f.url + f.people[7]); await shot('goes-on');
  await page.goto(f.url + '/r/identity_claim'); await shot('claims');
  await login(page, m, 'lead', 'demo-password', 'transfer/agreement');
  await page.goto(m + `/convoys/${convoy}`); await shot('convoy');
  await page.goto(m + `/convoys/${convoy}/legs/${leg}/boarding`); await shot('boarding');
  await search(page, m + `/convoys/${convoy}/legs/${leg}/boarding`, 'Maryam Saad'); await shot('found-seat');
  await page.click('table.cards th a'); await page.waitForLoadState(); await page.screenshot({ path: `/tmp/p4/seat-${width}.png` });
  await login(page, c, 'registrar', 'demo-password', 'reception/mandate');
  await page.goto(c + '/checkin'); await page.fill('#name', 'Huda Karim'); await page.press('#name', 'Enter'); await page.waitForLoadState(); await shot('checkin-found');
  await login(page, c, 'manager', 'demo-password', 'reception/mandate');
  await page.goto(c + `/convoys/${arrived}/reconcile`); await shot('reconcile');
  await ctx.close();
  const ctx2 = await browser.newContext({ viewport: { width, height: 900 } }); await ctx2.addCookies([{ name: 'jisr-lang', value: 'ar', url: f.url }]);
  const p2 = await ctx2.newPage(); p2.setDefaultTimeout(15000);
  await login(p2, f.url, 'protection', 'demo-protection-camp.sy', 'protection/vital_interest');
  await search(p2, f.url + '/r/person', 'Suad Karim'); await p2.screenshot({ path: `/tmp/p4/prot-${width}.png`, fullPage: true });
  await p2.fill('main section:last-of-type #s-name', 'حسين خلف جاسم').catch(e => console.log(e.message.split('\n')[0]));
  await p2.locator('main section:last-of-type input[name=birth]').fill('2015'); await p2.locator('#s-reason').selectOption('tracing'); await p2.locator('main section:last-of-type button').click(); await p2.waitForLoadState(); await p2.screenshot({ path: `/tmp/p4/wide-${width}.png`, fullPage: true });
  await ctx2.close();
  const ctx3 = await browser.newContext({ viewport: { width, height: 900 } }); await ctx3.addCookies([{ name: 'jisr-lang', value: 'ar', url: f.url }]);
  const p3 = await ctx3.newPage(); p3.setDefaultTimeout(15000);
  await login(p3, f.url, 'manager', 'demo-manager-camp.sy', 'registration/mandate');
  await p3.screenshot({ path: `/tmp/p4/today-${width}.png`, fullPage: true });
  await p3.click('a[href^="/proposals/"]'); await p3.waitForLoadState(); await p3.screenshot({ path: `/tmp/p4/proposal-${width}.png`, fullPage: true });
  await ctx3.close();
}
await browser.close();
