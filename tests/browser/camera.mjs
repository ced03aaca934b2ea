// The desk's camera: a browser whose camera shows a family's card finds the family, with the reader that the program ships and no other.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [ministry, centre, ministryIds, centreIds] = process.argv.slice(2);
const ids = file => readFileSync(file, 'utf8').trim().split(/\s+/);
const [, , , , list] = ids(ministryIds), [, , family] = ids(centreIds);
const common = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'];
const folder = mkdtempSync(join(tmpdir(), 'jisr-camera-'));
const say = (name, why) => console.log(why ? `not ok ${name}: ${why}` : `ok ${name}`);

async function signIn(page, base, user) {
  await page.goto(`${base}/login`);
  await page.fill('#user', user);
  await page.fill('#password', 'demo-password');
  await page.click('main button.go');
  await page.goto(`${base}/purpose?next=/today`);
  await page.check('input[value="transfer/agreement"]');
  await page.click('main button.go');
}

// The printed symbol, as the modules of its path; the cards are made at the ministry, and the centre has the same families.
async function modules(code) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: common });
  const page = await browser.newPage();
  await signIn(page, ministry, 'lead');
  await page.goto(`${ministry}/lists/${list}/cards`);
  const found = await page.evaluate(() => [...document.querySelectorAll('svg.qr')].map(svg => ({ size: Number(svg.getAttribute('viewBox').split(' ')[2]), path: svg.querySelector('path').getAttribute('d') })));
  await browser.close();
  return found[code];
}

// Uncompressed video (YUV4MPEG2): the symbol in the middle of a grey picture.
function video(symbol, file) {
  const width = 640, height = 480, scale = Math.floor(420 / symbol.size), left = (width - symbol.size * scale) >> 1, top = (height - symbol.size * scale) >> 1;
  const y = Buffer.alloc(width * height, 128), chroma = Buffer.alloc(width * height / 2, 128);
  const fill = (x0, y0, w, h, value) => { for (let r = 0; r < h; r++) y.fill(value, (y0 + r) * width + x0, (y0 + r) * width + x0 + w); };
  fill(left, top, symbol.size * scale, symbol.size * scale, 235);
  for (const [, x, row, run] of symbol.path.matchAll(/M(\d+) (\d+)h(\d+)/g)) fill(left + x * scale, top + row * scale, run * scale, scale, 16);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), y, chroma]);
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), frame, frame, frame]));
}

let failed = 0;
try {
  const file = join(folder, 'card.y4m');
  video(await modules(0), file);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...common, '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${file}`] });
  const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
  await context.addCookies([{ name: 'jisr-lang', value: 'en', url: centre }]);
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  await page.addInitScript(() => { delete window.BarcodeDetector; });
  await signIn(page, centre, 'registrar');
  await page.goto(`${centre}/checkin`);
  await page.click('text=Photograph the card');
  await page.waitForURL(`**/checkin/${family}`);
  say('the camera finds the family of the card');
  await context.close();
  const still = await browser.newContext({ javaScriptEnabled: false });
  const plain = await still.newPage();
  await signIn(plain, centre, 'registrar');
  await plain.goto(`${centre}/checkin`);
  say('without script there is no camera button', await plain.locator('text=Photograph').count() ? 'it is shown' : '');
  await browser.close();
} catch (e) {
  failed = 1;
  say('camera', String(e.message).split('\n')[0]);
}
rmSync(folder, { recursive: true });
process.exit(failed);
