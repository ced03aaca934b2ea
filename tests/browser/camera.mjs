// The desk's camera: a browser whose camera shows a printed card sends the form with the card's code, with the reader that the program ships and no other.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [ministry, centre, ministryIds] = process.argv.slice(2);
const ids = file => readFileSync(file, 'utf8').trim().split(/\s+/);
const [, , , , list] = ids(ministryIds);
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

// A printed card: the modules of its symbol, and the code beside it.
async function printed() {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: common });
  const page = await browser.newPage();
  await signIn(page, ministry, 'lead');
  await page.goto(`${ministry}/lists/${list}/cards`);
  const found = await page.evaluate(() => {
    const svg = document.querySelector('svg.qr');
    return { size: Number(svg.getAttribute('viewBox').split(' ')[2]), path: svg.querySelector('path').getAttribute('d'), code: document.body.innerText.match(/[0-9A-Z]{4}-[0-9A-Z]{4}/)[0] };
  });
  await browser.close();
  return found;
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
  const card = await printed();
  video(card, file);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...common, '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${file}`] });
  const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
  await context.addCookies([{ name: 'jisr-lang', value: 'en', url: centre }]);
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  await page.addInitScript(() => { delete window.BarcodeDetector; });
  await signIn(page, centre, 'registrar');
  await page.goto(`${centre}/checkin`);
  await page.click('text=Photograph the card');
  await page.waitForURL('**/checkin/find');            // a card of another office's folder: the desk says so
  const code = await page.inputValue('#code');
  say('the camera reads the card and sends the form', code === `JISR1:${card.code}` ? '' : `${code} is not ${card.code}`);
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
