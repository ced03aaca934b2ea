// Walks the pages as the camp registrar would, and looks at each with axe.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const base = process.argv[2];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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

// Every language meets both widths and both colours, and every width both colours.
const WALKS = [['ar', 390, 'light'], ['ar', 1280, 'dark'], ['ckb', 390, 'dark'], ['ckb', 1280, 'light'], ['en', 390, 'light'], ['en', 1280, 'dark']];
for (const [lang, width, colorScheme] of WALKS) {
  const where = `${lang} ${width} ${colorScheme}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  await context.addCookies([{ name: 'jisr-lang', value: lang, url: base }]);
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  try {
    await page.goto(`${base}/login`);
    await look(page, `sign-in, ${where}`);
    await page.fill('#user', 'registrar');
    await page.fill('#password', 'demo-registrar-camp.sy');
    await page.click('main button.go');
    await page.waitForURL('**/today');
    await look(page, `today, ${where}`);
    await page.goto(`${base}/purpose?next=/r/person/new`);
    await look(page, `purpose, ${where}`);
    await page.check('input[value="registration/mandate"]');
    await page.click('main button.go');
    await page.waitForURL('**/r/person/new');
    await look(page, `form, ${where}`);
    await page.click('main form button.go');
    await page.waitForSelector('#summary');
    await look(page, `form with faults, ${where}`);
    await page.fill('#f-name', 'هدى كريم ناصر');
    await page.selectOption('#f-sex', '2');
    await page.fill('#f-birth', '١٩٩٠');
    await page.fill('#f-phone', '+9647701234567');
    await page.click('main form button.go');
    await page.waitForSelector('.cols, input[name=twins]', { state: 'attached' });
    if (await page.$('input[name=twins]')) {                    // the one of the walk before is there already
      await look(page, `who is like her, ${where}`);
      await page.click('main form button.go');
      await page.waitForSelector('.cols');
    }
    await look(page, `person, ${where}`);
    await page.click('a.btn.go');
    await look(page, `move, ${where}`);
    await page.click('main form button.go');
    await page.waitForSelector('.cols');
    const person = page.url();
    const once = width === 390 && colorScheme === 'light';      // pages of one column
    if (once) {
      await page.click('main details summary');
      await look(page, `why a phone is needed, ${where}`);
      await page.selectOption('details[open] select', 'contact');
      await page.click('details[open] button');
      await page.waitForSelector('text=+9647701234567');
      await look(page, `a phone shown, ${where}`);
    }
    await page.goto(person + '/log');
    await look(page, `who saw this, ${where}`);
    await page.goto(page.url().replace('/r/', '/why/').replace('/log', ''));
    await look(page, `why, ${where}`);
    await page.goto(`${base}/me`);
    await look(page, `own settings, ${where}`);
    if (once) {
      await page.goto(`${base}/keys`);
      await look(page, `keys, ${where}`);
      await page.goto(`${base}/access`);
      await look(page, `end of access, ${where}`);
    }
    await page.goto(`${base}/switch?from=/today`);
    await look(page, `change of user, ${where}`);
    await page.goto(`${base}/r/person`);
    await look(page, `people, ${where}`);
    await page.fill('#s-name', 'Huda Karim');
    await page.click('form[action="/search"] button');
    await page.waitForURL('**/search/*');
    await look(page, `found by name, ${where}`);
    await page.click('a[href*="/why/"]');
    await page.waitForURL('**/why/**');
    await look(page, `why she was found, ${where}`);
    await page.goto(person.replace('/r/person/', '/people/') + '/twice');
    await look(page, `registered twice, ${where}`);
    await page.click('form[action="/search"] button');
    await page.waitForURL('**/search/*');
    await look(page, `looked for again, ${where}`);
    await page.goto(`${base}/log`);
    await look(page, `log, ${where}`);
    await page.goto(`${base}/statistics`);
    await look(page, `statistics, ${where}`);
    await page.goto(`${base}/public/statistics`);
    await look(page, `statistics for everybody, ${where}`);
    await page.goto(`${base}/r/nothing`);
    await look(page, `nothing here, ${where}`);
  } catch (e) {
    say(`walk, ${where}`, String(e.message).split('\n')[0]);
  }
  await context.close();
}
// Pages of those who lead the office.
for (const lang of ['ar', 'ckb', 'en']) {
  for (const width of [390, 1280]) {
    const where = `${lang} ${width}`;
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    await context.addCookies([{ name: 'jisr-lang', value: lang, url: base }]);
    const page = await context.newPage();
    page.setDefaultTimeout(10000);
    try {
      await page.goto(`${base}/login`);
      await page.fill('#user', 'manager');
      await page.fill('#password', 'demo-manager-camp.sy');
      await page.click('main button.go');
      await page.waitForURL('**/today');
      await page.goto(`${base}/purpose?next=/agreements`);
      await page.check('input[value="transfer/agreement"]');
      await page.click('main button.go');
      await page.waitForURL('**/agreements');
      await look(page, `agreements, ${where}`);
      await page.click('main table a');
      await page.waitForURL('**/agreements/*');
      await page.click('main details summary');
      await look(page, `agreement and who reads what, ${where}`);
      await page.click('main a.btn');
      await page.waitForURL('**/agreements/new*');
      await look(page, `draft of an agreement, ${where}`);
      await page.click('main form button.go');
      await page.waitForURL('**/agreements/drafts/*');
      await look(page, `draft, ${where}`);
      await page.goto(`${base}/r/letter/new`);
      await page.selectOption('#f-letter_kind', 'official');
      for (const [field, text] of [['addressee', 'قيادة العمليات'], ['subject_line', 'الطريق'], ['text', 'سطر\nسطر'], ['people', '٠']]) await page.fill(`#f-${field}`, text);
      await page.click('main form button.go');
      await page.waitForSelector('.cols');
      await page.goto(page.url().replace('/r/letter/', '/letters/'));
      await look(page, `letter, ${where}`);
      for (const path of ['/letters/in', '/r/letter', '/r/letter_in', '/competences', '/statistics/situation', '/r/identity_claim']) {
        await page.goto(base + path);
        await look(page, `${path}, ${where}`);
      }
    } catch (e) {
      say(`walk of the manager, ${where}`, String(e.message).split('\n')[0]);
    }
    await context.close();
  }
}
// Two minutes before access ends a page says so, and an hour more is one button that leaves what is typed.
{
  const context = await browser.newContext({ viewport: { width: 390, height: 900 } });
  await context.addCookies([{ name: 'jisr-lang', value: 'ar', url: base }]);
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  try {
    await page.clock.install();
    await page.goto(`${base}/login`);
    await page.fill('#user', 'registrar');
    await page.fill('#password', 'demo-registrar-camp.sy');
    await page.click('main button.go');
    await page.waitForURL('**/today');
    await page.goto(`${base}/purpose?next=/r/person/new`);
    await page.check('input[value="registration/mandate"]');
    await page.click('main button.go');
    await page.waitForURL('**/r/person/new');
    await page.fill('#f-name', 'هدى كريم ناصر');
    await page.clock.fastForward('11:57:00');
    say('no warning too early', await page.isVisible('[data-ends]') ? 'it is there' : '');
    await page.clock.fastForward('01:30');
    await page.clock.runFor(6000);
    await page.waitForSelector('[data-ends]', { state: 'visible' });
    await look(page, 'access ends soon');
    await page.click('[data-ends] button');
    await page.waitForSelector('[data-ends]', { state: 'hidden' });
    say('an hour more keeps what is typed', await page.inputValue('#f-name') === 'هدى كريم ناصر' ? '' : 'it is lost');
    await page.focus('h1').catch(() => {});
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForURL('**/r/person');
    say('keys lead to a section', '');
  } catch (e) {
    say('end of access', String(e.message).split('\n')[0]);
  }
  await context.close();
}
// A form that is sent after the end of access: signing in beside it, loading again, and it is there.
{
  const context = await browser.newContext({ viewport: { width: 390, height: 900 } });
  await context.addCookies([{ name: 'jisr-lang', value: 'ar', url: base }]);
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  try {
    await page.goto(`${base}/login`);
    await page.fill('#user', 'registrar');
    await page.fill('#password', 'demo-registrar-camp.sy');
    await page.click('main button.go');
    await page.waitForURL('**/today');
    await page.goto(`${base}/purpose?next=/r/person/new`);
    await page.check('input[value="registration/mandate"]');
    await page.click('main button.go');
    await page.waitForURL('**/r/person/new');
    await page.fill('#f-name', 'نجلاء مهدي كريم');
    await page.selectOption('#f-sex', '2');
    const good = (await context.cookies()).find(c => c.name.startsWith('jisr-camp'));
    await context.addCookies([{ ...good, value: '0'.repeat(64) }]);
    await page.click('main form button.go');
    await page.waitForSelector('main a[target]');
    await look(page, 'access has ended');
    await context.addCookies([good]);                             // as signing in in the other window does
    await page.reload();
    await page.waitForSelector('.cols');
    say('the form is not lost', (await page.textContent('h1')).includes('نجلاء') ? '' : 'it is');
  } catch (e) {
    say('form after the end', String(e.message).split('\n')[0]);
  }
  await context.close();
}
// Pages that one role looks at now and then: custody, openings, forms on paper.
for (const [lang, width, colorScheme] of [['ar', 390, 'light'], ['en', 1280, 'dark'], ['ckb', 390, 'dark']]) {
  for (const [user, password, purpose, paths] of [['dpo', 'demo-dpo-camp.sy', null, ['/custody', '/openings']], ['border', 'demo-border-camp.sy', 'transfer/agreement', ['/paper/checkpoint_event', '/paper/border_handover', '/crossing']]]) {
    const where = `${user}, ${lang} ${width} ${colorScheme}`;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    await context.addCookies([{ name: 'jisr-lang', value: lang, url: base }]);
    const page = await context.newPage();
    page.setDefaultTimeout(10000);
    try {
      await page.goto(`${base}/login`);
      await page.fill('#user', user);
      await page.fill('#password', password);
      await page.click('main button.go');
      await page.waitForURL('**/today');
      if (purpose) {
        await page.goto(`${base}/purpose?next=${paths[0]}`);
        await page.check(`input[value="${purpose}"]`);
        await page.click('main button.go');
        await page.waitForURL(`**${paths[0]}`);
      }
      for (const path of paths) {
        await page.goto(`${base}${path}`);
        await look(page, `${path}, ${where}`);
      }
    } catch (e) {
      say(`walk of ${where}`, String(e.message).split('\n')[0]);
    }
    await context.close();
  }
}
// What a liaison officer has: notices and rooms.
for (const [lang, width, colorScheme] of [['ar', 390, 'light'], ['en', 1280, 'dark'], ['ckb', 390, 'dark']]) {
  const where = `${lang} ${width} ${colorScheme}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  await context.addCookies([{ name: 'jisr-lang', value: lang, url: base }]);
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  try {
    await page.goto(`${base}/login`);
    await page.fill('#user', 'liaison');
    await page.fill('#password', 'demo-liaison-camp.sy');
    await page.click('main button.go');
    await page.waitForURL('**/today');
    await page.goto(`${base}/purpose?next=/notices`);
    await page.check('input[value="coordination/agreement"]');
    await page.click('main button.go');
    await page.waitForURL('**/notices');
    await look(page, `notices, ${where}`);
    await page.goto(`${base}/rooms`);
    await look(page, `rooms, ${where}`);
    await page.goto(`${base}/rooms/new`);
    await look(page, `new room, ${where}`);
    await page.fill('#f-title', 'عبور يوم الاثنين');
    await page.fill('#f-purpose', 'القافلة عند المنفذ');
    await page.fill('#f-agreement', 'اتفاق عودة العائلات');
    await page.selectOption('#f-places', ['IQ-X-RABIA', 'SY-P-HOL']);
    await page.check('input[value="LIAISON@momd.iq"]');
    await page.click('button.go.big');
    await page.waitForURL(/rooms\/[0-9a-f]/);
    await look(page, `room, ${where}`);
  } catch (e) {
    say(`liaison, ${where}`, String(e.message).split('\n')[0]);
  }
  await context.close();
}
await browser.close();
process.exit(failed ? 1 : 0);
