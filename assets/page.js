/* Jisr: the warning before access ends, and keys. Everything works without this file: the end stands on the page and at /access, the keys are access keys of links. */
'use strict';
(function () {
  var bar = document.querySelector('[data-ends]'), form = bar && bar.querySelector('form');

  if (bar) {
    var ends = Date.now() + Number(bar.dataset.ends) * 1000;
    var watch = function () { bar.hidden = ends - Date.now() > 120000; };
    watch();
    setInterval(watch, 5000);
    /* More time without leaving the page: what is typed stays. Where it fails, the form goes its ordinary way, in a window of its own. */
    if (form && window.fetch) form.addEventListener('submit', function (e) {
      e.preventDefault();
      fetch(form.action, { method: 'POST', credentials: 'same-origin', body: new URLSearchParams(new FormData(form)) }).then(function (answer) {
        return answer.ok ? answer.text() : '';
      }).then(function (text) {
        var left = /data-ends="(\d+)"/.exec(text);
        if (!left) { form.submit(); return; }
        ends = Date.now() + Number(left[1]) * 1000;
        watch();
      }).catch(function () { form.submit(); });
    });
  }

  if (!document.body.hasAttribute('data-keys')) return;
  var led = 0;
  document.addEventListener('keydown', function (e) {
    if (e.ctrlKey || e.altKey || e.metaKey || e.repeat || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
    /* the place of the key, so that an Arabic keyboard has the same keys */
    var key = /^Key/.test(e.code) ? e.code.slice(3).toLowerCase() : e.key, search = document.querySelector('main #s-name, main #no');
    var link = null;
    if (key === '?' || key === '\u061f') { location.href = '/keys'; return; }
    if (key === '/' && search) { e.preventDefault(); search.focus(); return; }
    if (key === 'g') { led = Date.now(); return; }
    if (/^[a-z]$/.test(key) && (Date.now() - led < 2000 || key === 'n' || key === 'e')) link = document.querySelector('a[accesskey="' + key + '"]');
    led = 0;
    if (link) { e.preventDefault(); link.click(); }
  });
})();
