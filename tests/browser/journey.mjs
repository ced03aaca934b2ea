// The pages of the journey, on two folders that journey_test made: the loading morning at the ministry, the desk at the centre. Three languages, phone and desk, with axe.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [ministry, centre, ministryIds, centreIds] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ids = file => readFileSync(file, 'utf8').trim().split(/\s+/);       // convoy, vehicle, family / vehicle, list, card
const [convoy, leg, , , list] = ids(ministryIds), [arrived, , family, , , card] = ids(centreIds);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run'] });
let failed = 0;
const say = (name, why) => { if (why) failed++; console.log(why ? `not ok ${name}: ${why}` : `ok ${name}`); };

async function look(page, name) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Runtime.evaluate', { expression: axe });       // past the page's own content policy
  const { result } = await cdp.send('Runtime.evaluate', { awaitPromise: true, returnByValue: true,
    expression: `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].target).join('; '))` });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  const style = await page.evaluate(() => document.querySelectorAll('[style]').length);
  say(name, result.value || (wide ? 'scrolls sideways' : '') || (style ? 'has style=' : ''));
}

const DESKS = [
  [ministry, 'lead', { convoys: '/convoys', convoy: `/convoys/${convoy}`, boarding: `/convoys/${convoy}/legs/${leg}/boarding`, roll: `/convoys/${convoy}/legs/${leg}/roll`, cards: `/lists/${list}/cards` }],
  [ministry, 'border', { crossing: '/crossing', 'a notice': `/notices/new?convoy=${convoy}&type=count_differs` }],
  [centre, 'registrar', { 'check-in': '/checkin', 'check-in of a family': `/checkin/${family}`, 'not on the list': '/checkin/unlisted' }],
  [centre, 'manager', { reconcile: `/convoys/${arrived}/reconcile` }],
];

async function walk(lang, width, colorScheme) {
  for (const [base, user, pages] of DESKS) {
    const where = `${lang} ${width} ${colorScheme}`;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: true });
    await context.addCookies([{ name: 'jisr-lang', value: lang, url: base }]);
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    try {
      await page.goto(`${base}/login`);
      await page.fill('#user', user);
      await page.fill('#password', 'demo-password');
      await page.click('main button.go');
      await page.waitForURL('**/today');
      await look(page, `today of ${user}, ${where}`);
      await page.goto(`${base}/purpose?next=/today`);
      await page.check('input[value="transfer/agreement"]');
      await page.click('main button.go');
      await page.waitForURL('**/today');
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(base + path);
        await look(page, `${name}, ${where}`);
      }
      if (user === 'registrar') {
        await page.goto(`${base}/checkin`);
        await page.fill('#code', 'W390-696Z');
        await page.press('#code', 'Enter');
        await page.waitForSelector('#summary');
        await look(page, `a wrong code, ${where}`);
        await page.fill('#code', card.toLowerCase());
        await page.press('#code', 'Enter');
        await page.waitForURL(`**/checkin/${family}`);
        const first = page.locator('.member').first();
        await first.locator('input[value=no]').check({ force: true });
        say(`the family's page warns before it sends, ${where}`, await page.locator('.if-absent').evaluateAll(all => all.some(e => getComputedStyle(e).display === 'none')) ? '' : 'every warning is shown at once');
        await page.click('.sticky .btn.go');
        await page.waitForSelector('#summary');
        await look(page, `somebody was not marked, ${where}`);
        say(`what was chosen is kept, ${where}`, await page.locator('.member').first().locator('input[value=no]').isChecked() ? '' : 'it is lost');
      }
    } catch (e) {
      say(`walk of ${user}, ${where}`, String(e.message).split('\n')[0]);
    }
    await context.close();
  }
}

for (const lang of ['ar', 'ckb', 'en'])
  for (const [width, scheme] of [[390, 'light'], [1280, 'dark']])
    await walk(lang, width, scheme);
await browser.close();
process.exit(failed ? 1 : 0);
